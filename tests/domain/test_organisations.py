"""Organisations keep their names to themselves."""

from broker.domain.identifiers import Rsin
from broker.domain.organisations import Organisation
from tests.domain.builders import BAKERY
from tests.domain.builders import HIGH_STREET


def test_an_organisation_does_not_show_whose_it_is() -> None:
    shown = repr(Organisation(BAKERY, Rsin("123456782"), "Bakkerij A. Jansen", (HIGH_STREET,)))
    assert "Jansen" not in shown
    assert BAKERY.reveal() not in shown


def test_an_eenmanszaak_has_no_rsin_and_perhaps_no_vestigingen() -> None:
    organisation = Organisation(BAKERY, None, "A. Jansen")
    assert organisation.rsin is None
    assert organisation.vestigingen == ()
