"""A dienstverlener lists the authenticatiediensten itself, and passes the choice of the person in Scoping."""

from uuid import NAMESPACE_URL
from uuid import uuid5

import pytest
import requests
from lxml import etree

from broker.assembly import paths
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.network import party_certificate
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Visitor
from tests.judges import JUDGES

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"


def instance(dv: ForeignDv, index: int) -> str:
    """The ServiceUUID of the instance of a service."""
    return str(uuid5(NAMESPACE_URL, documents.service_id(dv.oin, index) + ":instance"))


def listed(box: Box, dv: ForeignDv, index: int) -> tuple[bytes, list[str]]:
    """The list for a service, and the entityIDs on it."""
    answer = requests.get(
        box.url(MAKELAAR) + paths.AD_LIST, params={"ServiceUUID": instance(dv, index)}, timeout=20
    )
    assert answer.status_code == 200, answer.text
    return answer.content, [
        str(each.get("entityID")) for each in etree.fromstring(answer.content).iter(f"{MD}EntityDescriptor")
    ]


def scoping(*entity_ids: str) -> str:
    """The element that names authenticatiediensten."""
    entries = "".join(f'<samlp:IDPEntry ProviderID="{each}"/>' for each in entity_ids)
    return f"<samlp:Scoping><samlp:IDPList>{entries}</samlp:IDPList></samlp:Scoping>"


@pytest.mark.rule("1.8.03", "1.8.04", "1.8.07")
def test_the_list_is_that_of_the_screen_and_convinces_every_judge(
    box: Box, dv: ForeignDv, visitor: Visitor
) -> None:
    data, entity_ids = listed(box, dv, documents.PLAIN)

    shown = visitor.ask(documents.PLAIN).page.xpath("//input[@name='ad']/@value")
    assert entity_ids == shown == [AD_SLEUTEL.entity_id, AD_TOEGANG.entity_id]
    assert [judge.accepts(data, 0, [party_certificate(box, MAKELAAR)]) for judge in JUDGES] == [True] * len(
        JUDGES
    )


@pytest.mark.rule("1.8.04")
def test_one_that_cannot_deliver_the_level_is_not_on_it(box: Box, dv: ForeignDv) -> None:
    assert listed(box, dv, documents.HIGH)[1] == [AD_SLEUTEL.entity_id]


@pytest.mark.rule("1.8.09", "2.54")
def test_who_is_chosen_from_the_list_is_where_the_person_logs_in(
    box: Box, dv: ForeignDv, visitor: Visitor
) -> None:
    _, entity_ids = listed(box, dv, documents.DEFAULT)

    visitor.ask(inside=scoping(entity_ids[0]))

    assert visitor.url.startswith(box.url(AD_SLEUTEL))
    visitor.authenticate("werknemer")
    assert visitor.received().status == SUCCESS
