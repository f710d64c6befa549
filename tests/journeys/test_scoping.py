"""A dienstverlener names authenticatiediensten: one is a choice, several are a limit, neither is the person's own."""

from dataclasses import replace

import pytest
from lxml import etree

from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import SUCCESS
from tests.journeys.test_ad_list import scoping
from tests.journeys.visitor import Visitor

BOTH = (AD_SLEUTEL.entity_id, AD_TOEGANG.entity_id)
UNSUPPORTED = ("Requester", "RequestUnsupported")
NOBODY = "urn:etoegang:AD:00000099000000009999:entities:9001"


def offered(visitor: Visitor) -> tuple[str, ...]:
    """The authenticatiediensten on our list."""
    return tuple(visitor.page.xpath("//input[@name='ad']/@value"))


@pytest.mark.rule("2.55")
@pytest.mark.parametrize(
    ("service", "entity_id"),
    [
        (documents.PLAIN, NOBODY),
        (documents.PLAIN, "urn:etoegang:MR:00000099000000003000:entities:9001"),
        (documents.HIGH, AD_TOEGANG.entity_id),
        (documents.PLAIN, ""),
    ],
    ids=["unknown", "a register", "level too low", "empty"],
)
def test_one_that_is_unknown_or_unsuitable_leads_to_the_list(
    visitor: Visitor, service: int, entity_id: str
) -> None:
    visitor.ask(service, inside=scoping(entity_id))
    assert offered(visitor) == (BOTH if service == documents.PLAIN else BOTH[:1])


def test_several_limit_the_list_to_those_that_are_able(visitor: Visitor) -> None:
    visitor.ask(documents.PLAIN, inside=scoping(AD_TOEGANG.entity_id, NOBODY))
    assert offered(visitor) == (AD_TOEGANG.entity_id,)
    visitor.press("choose", ad=AD_SLEUTEL.entity_id)
    assert visitor.status == 400
    assert offered(visitor) == (AD_TOEGANG.entity_id,)


def test_several_of_which_none_is_able_limit_nothing(visitor: Visitor) -> None:
    visitor.ask(documents.PLAIN, inside=scoping(NOBODY, NOBODY + "2"))
    assert offered(visitor) == BOTH


def test_after_a_cancel_elsewhere_one_that_was_named_does_not_limit_the_list(visitor: Visitor) -> None:
    visitor.ask(documents.PLAIN, inside=scoping(AD_TOEGANG.entity_id)).press("cancel")
    visitor.relay()
    assert offered(visitor) == BOTH


def test_what_the_dienstverlener_chose_is_not_remembered(visitor: Visitor) -> None:
    visitor.ask(documents.PLAIN, inside=scoping(AD_SLEUTEL.entity_id)).authenticate("werknemer")
    assert visitor.received().status == SUCCESS
    assert offered(visitor.ask(documents.PLAIN)) == BOTH


def test_nor_does_it_take_away_what_the_person_chose(box: Box, visitor: Visitor) -> None:
    visitor.ask(documents.PLAIN).choose_ad("medewerker", remember=True).authenticate("medewerker")
    assert visitor.received().status == SUCCESS
    visitor.ask(documents.PLAIN, inside=scoping(AD_SLEUTEL.entity_id)).authenticate("werknemer")
    assert visitor.received().status == SUCCESS

    visitor.ask(documents.PLAIN)

    assert visitor.url.startswith(box.url(AD_TOEGANG))


def test_who_lets_nobody_else_authenticate_is_told_that_it_cannot_be(visitor: Visitor) -> None:
    visitor.ask(inside='<samlp:Scoping ProxyCount="0"/>').press("back")
    assert visitor.received().status == UNSUPPORTED


def test_who_asks_and_for_whom_changes_nothing(visitor: Visitor) -> None:
    visitor.ask(
        inside='<samlp:Scoping ProxyCount="1"><samlp:RequesterID>urn:x</samlp:RequesterID></samlp:Scoping>'
    )
    assert "ad" in visitor.fields()


@pytest.mark.rule("2.26", "8.27")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IsPassive", "true"),
        ("ProtocolBinding", "urn:oasis:names:tc:SAML:2.0:bindings:PAOS"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_request_unsupported(
    visitor: Visitor, dv: ForeignDv, name: str, value: str
) -> None:
    request = dv.ask()
    text = request.text.replace("<samlp:AuthnRequest", f'<samlp:AuthnRequest {name}="{value}"', 1)
    visitor.send(replace(request, text=text)).press("back")
    assert visitor.received().status == UNSUPPORTED


@pytest.mark.rule("2.24", "2.37", "6.1.06", "6.1.08")
def test_force_authn_and_the_name_go_along_to_the_authenticatiedienst(visitor: Visitor) -> None:
    visitor.ask(documents.PLAIN, ForceAuthn="true", ProviderName='Loket "A" & <b> ' + "x" * 90)
    visitor.choose_ad("werknemer")
    passed = etree.fromstring(visitor.last("AuthnRequest").message)
    assert passed.get("ForceAuthn") == "true"
    assert passed.get("ProviderName") == ('Loket "A" & <b> ' + "x" * 90)[:64]
    assert passed.get("IsPassive") is None
