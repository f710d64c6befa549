"""A dienstverlener that hands over its next certificate only, while it still signs with the present one."""

from dataclasses import replace

import pytest

from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

OIN = "00000099000000006830"


def is_served(box: Box, dv: ForeignDv, ledger: Ledger) -> bool:
    """Whether a request and an ArtifactResolve that are signed with its key do what they should."""
    visitor = Visitor(box, dv, ledger).ask()
    if "sleutel" not in visitor.text.lower():
        return False
    return visitor.press("cancel").received().status == AUTHN_FAILED


@pytest.mark.parametrize(("days", "believed"), [("7", True), ("0", False)])
def test_the_present_key_is_believed_beside_the_next_one_for_as_long_as_was_chosen(
    box: Box, ledger: Ledger, days: str, believed: bool
) -> None:
    present = ForeignDv(box, "overlap-present", OIN, "http://localhost:9/overlap")
    upcoming = replace(present, name="overlap-next", received=[])
    present.connect()
    try:
        assert is_served(box, present, ledger)
        handed_over = upcoming.add("--new-keys", "--key-overlap-days", days)
        assert handed_over.returncode == 0, handed_over.stderr
        assert f"keys of before {days} days believed" in handed_over.stdout

        assert is_served(box, upcoming, ledger)
        assert is_served(box, present, ledger) is believed
    finally:
        present.disconnect()
