"""Checks of the certificates in metadata and dienstencatalogus."""

from collections.abc import Iterator

from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_certificates


@on_certificates("CE-005")
def expired(seen: Seen) -> Iterator[Found]:
    """A certificate whose time is over."""
    now = seen.subject.now
    for each in seen.listed:
        if each.certificate is not None and each.certificate.not_valid_after_utc < now:
            yield Found(
                each.element, f"{each.certificate.not_valid_after_utc:%Y-%m-%d}", expected=f"> {now:%Y-%m-%d}"
            )
