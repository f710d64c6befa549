"""What a register declares and what it is asked, with everything that may be wrong about either."""

from collections.abc import Callable

import pytest
from lxml import etree

from broker.saml.authorization import read_authorization
from broker.saml.authorization import write_authorization
from broker.saml.decision_query import read_decision_query
from broker.saml.decision_query import write_decision_query
from broker.saml.errors import MalformedMessage
from broker.saml.names import LEVEL_OF_ASSURANCE_USED
from broker.saml.names import LINKED_SIGNATURE_VALUE
from broker.saml.names import REQUIRE_CONFIRMATION
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import SERVICE_ID
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import XACML_POLICY
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.signature import verify
from broker.saml.xacml import Context
from tests.keys import certificate
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import a_query
from tests.saml.builders import an_authorization
from tests.saml.builders import signed

Change = Callable[[etree._Element], object]
_NAMES = {"s": SAML, "p": SAMLP, "c": XACML_CONTEXT, "x": XACML_POLICY}


def at(element: etree._Element, path: str) -> etree._Element:
    found = element.xpath(path, namespaces=_NAMES)
    assert isinstance(found, list)
    assert isinstance(found[0], etree._Element)
    return found[0]


def gone(path: str) -> Change:
    def change(element: etree._Element) -> None:
        found = at(element, path)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return change


def twice(path: str) -> Change:
    def change(element: etree._Element) -> None:
        found = at(element, path)
        found.addnext(etree.fromstring(etree.tostring(found)))

    return change


def text(path: str, value: str | None) -> Change:
    return lambda element: setattr(at(element, path), "text", value)


_USED = f"//c:Attribute[@AttributeId='{LEVEL_OF_ASSURANCE_USED}']"
_LINK = f"//c:Attribute[@AttributeId='{LINKED_SIGNATURE_VALUE}']"


@pytest.mark.parametrize(
    "change",
    [
        gone("s:Statement"),
        twice("s:Statement"),
        gone("//c:Response"),
        gone("//c:Result"),
        twice("//c:Result"),
        gone("//c:Request"),
        gone("//c:Decision"),
        twice("//c:Decision"),
        gone("//c:Subject"),
        twice("//c:Subject"),
        gone("//c:Resource"),
        gone("s:Advice"),
        twice("s:Advice/s:AssertionIDRef"),
        gone(_USED),
        twice(_USED),
        text(f"{_USED}/c:AttributeValue", "urn:etoegang:core:assurance-class:loa9"),
        twice(f"{_USED}/c:AttributeValue"),
        gone("//c:StatusCode"),
        gone("s:Conditions"),
    ],
    ids=range(19),
)
def test_a_declaration_of_a_register_outside_the_profile_is_refused(change: Change) -> None:
    element = write_authorization(an_authorization(), HM)
    change(element)
    with pytest.raises(MalformedMessage):
        read_authorization(element)


def test_without_a_status_the_status_is_ok() -> None:
    element = write_authorization(an_authorization(), HM)
    gone("//c:Status")(element)
    assert read_authorization(element).is_permit


@pytest.mark.rule("6.4.12")
@pytest.mark.parametrize("decision", ["Deny", "Indeterminate", "NotApplicable", "permit"])
def test_nothing_but_permit_is_a_permit(decision: str) -> None:
    element = write_authorization(an_authorization(decision=decision), HM)
    assert not read_authorization(element).is_permit


def test_a_linked_signature_value_is_read_without_its_line_breaks() -> None:
    element = write_authorization(an_authorization(), HM)
    text(f"{_LINK}/c:AttributeValue", "QU\r\n  FB\n")(element)
    assert read_authorization(element).linked_signature_value == "QUFB"


def test_a_missing_link_is_empty_and_so_equals_no_signature() -> None:
    element = write_authorization(an_authorization(), HM)
    gone(_LINK)(element)
    assert read_authorization(element).linked_signature_value == ""


@pytest.mark.rule("6.4.19")
def test_an_obligation_that_we_do_not_know_is_reported_too() -> None:
    element = write_authorization(an_authorization(confirm_at=MR), HM)
    twice("//x:Obligation")(element)
    at(element, "//x:Obligation[2]").set("ObligationId", "urn:other")
    read = read_authorization(element)
    assert (read.confirm_at, read.obligations) == (MR, (REQUIRE_CONFIRMATION, "urn:other"))


def test_a_refusal_may_come_with_an_obligation_of_its_own() -> None:
    element = write_authorization(an_authorization(decision="Deny", confirm_at=MR), HM)
    at(element, "//x:Obligation").set("FulfillOn", "Deny")
    assert not read_authorization(element).is_permit


@pytest.mark.rule("6.4.18")
def test_an_obligation_that_does_not_say_where_is_refused() -> None:
    element = write_authorization(an_authorization(confirm_at=MR), HM)
    gone("//x:AttributeAssignment")(element)
    with pytest.raises(MalformedMessage):
        read_authorization(element)


_EXTENSION = "p:Extensions/c:Attribute[@AttributeId='urn:etoegang:core:{}']"


@pytest.mark.parametrize(
    "change",
    [
        lambda element: element.set("ReturnContext", "false"),
        lambda element: element.attrib.pop("ReturnContext"),
        lambda element: element.set("Version", "2.1"),
        gone("p:Extensions"),
        gone(_EXTENSION.format("Assertions")),
        gone(_EXTENSION.format("IntendedAudience")),
        gone(_EXTENSION.format("Assertions") + "/c:AttributeValue/s:Assertion"),
        text(_EXTENSION.format("AssertionConsumerServiceIndex") + "/c:AttributeValue", "-1"),
        twice(_EXTENSION.format("IntendedAudience") + "/c:AttributeValue"),
        gone("c:Request"),
        gone("c:Request/c:Subject/c:Attribute"),
        gone("c:Request/c:Resource/c:Attribute[1]"),
        gone("c:Request/c:Resource/c:Attribute[2]"),
        gone("c:Request/c:Resource/c:Attribute[3]"),
        twice("c:Request/c:Resource/c:Attribute[1]"),
        lambda element: setattr(element, "tag", tag(SAMLP, "AuthnRequest")),
    ],
    ids=range(16),
)
def test_a_question_outside_the_profile_is_refused(change: Change) -> None:
    element = write_decision_query(a_query())
    change(element)
    verified = verify(parse(signed(element, "hm")), [certificate("hm")], HM, keep=True)
    with pytest.raises(MalformedMessage):
        read_decision_query(verified)


_SERVICE = f"//c:Attribute[@AttributeId='{SERVICE_ID}']/c:AttributeValue"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (gone(_SERVICE), "a value at all"),
        (lambda element: etree.SubElement(at(element, _SERVICE), "x"), "text and no elements"),
    ],
    ids=["no value", "elements behind the text"],
)
def test_a_service_that_is_named_is_named_by(change: Change, what: str) -> None:
    element = write_authorization(an_authorization(), HM)
    change(element)
    with pytest.raises(MalformedMessage, match="plain values"):
        read_authorization(element)


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ("<c:AttributeValue>90000001</c:AttributeValue>", "90000001"),
        ("<c:AttributeValue>90000001<x/></c:AttributeValue>", None),
        ("<c:AttributeValue>90000001</c:AttributeValue>" * 2, None),
        ("", None),
    ],
    ids=["one", "with elements", "two", "none"],
)
def test_a_number_in_clear_that_is_not_one_plain_value_is_as_good_as_absent(
    values: str, read: str | None
) -> None:
    attribute = f'<c:Attribute AttributeId="n">{values}</c:Attribute>'
    request = (
        f'<c:Request xmlns:c="{XACML_CONTEXT}"><c:Subject>{attribute}</c:Subject><c:Resource/></c:Request>'
    )
    assert Context(etree.fromstring(request)).lone("n") == read
