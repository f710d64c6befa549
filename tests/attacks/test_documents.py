"""Every case about a document that is handed over, before broker.saml alone."""

import pytest

from broker.attacks.case import Case
from broker.attacks.case import Hop
from broker.attacks.case import corpus
from broker.attacks.draft import Draft
from broker.attacks.live.troupe import connection_of
from broker.attacks.live.troupe import metadata
from broker.exchange.own import system_clock
from broker.saml.catalogue import read_catalogue
from broker.saml.findings import DocumentRefused
from broker.saml.metadata import read_metadata
from broker.saml.network_metadata import read_network_metadata
from broker.settings import MAKELAAR
from tests.attacks import still

_DOCUMENTS = [case for case in corpus() if case.hop is Hop.INGEST and case.saml is not None]


def _read(draft: Draft) -> object:
    handed, actor, now = draft.handed, draft.said_by, system_clock()
    assert handed is not None
    if handed.kind == "network":
        return read_network_metadata(draft.message, [still.actors()["bo"].certificate], now)
    profile = connection_of(actor.name).profile
    if handed.kind == "metadata":
        return read_metadata(draft.message, handed.role, now, profile)
    partner, _ = read_metadata(metadata(actor, draft.scene.listener), handed.role, now, profile)
    return read_catalogue(draft.message, partner, MAKELAAR.oin)


@pytest.mark.parametrize("case", _DOCUMENTS, ids=lambda case: case.id)
def test_broker_saml_says_of_a_document_what_the_case_says(case: Case) -> None:
    draft = still.made(case)
    if case.saml == "OK":
        _read(draft)
        return
    with pytest.raises(DocumentRefused, match=case.finding):
        _read(draft)
