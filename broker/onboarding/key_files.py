"""Which files of keys lie on this node, by name: what can be announced, and what is missing for it."""

from dataclasses import dataclass

from broker.onboarding.own_keys import OwnKeys
from broker.onboarding.own_keys import can_be_named


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The files of one name; ``request`` is what was made for the issuer of a certificate."""

    name: str
    key: bool
    certificate: bool
    request: bool

    @property
    def is_pair(self) -> bool:
        """Whether it can be announced, if the two belong together."""
        return self.key and self.certificate


def unannounced_files(own: OwnKeys) -> tuple[KeyFiles, ...]:
    """The files of keys on this node that were never announced, by name. Their contents are not read."""
    known = own.names()
    found: dict[str, set[str]] = {}
    for path in sorted(own.folder.glob("*.*")):
        if path.suffix in (".key", ".crt", ".csr") and can_be_named(path.stem) and path.stem not in known:
            found.setdefault(path.stem, set()).add(path.suffix)
    return tuple(
        KeyFiles(name, ".key" in suffixes, ".crt" in suffixes, ".csr" in suffixes)
        for name, suffixes in found.items()
    )
