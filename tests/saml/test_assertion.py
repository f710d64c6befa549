"""What every assertion has in common, and the edges of its validity."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from lxml import etree

from broker.saml.assertion import Attributes
from broker.saml.assertion import read_authn_statement
from broker.saml.assertion import read_frame
from broker.saml.assertion import require_confirmed
from broker.saml.assertion import require_in_force
from broker.saml.assertion import write_frame
from broker.saml.authentication import read_authentication
from broker.saml.authentication import write_authentication
from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.policy import LIFETIMES
from tests.saml.builders import ACS
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import NOW
from tests.saml.builders import TWO_MINUTES
from tests.saml.builders import a_frame
from tests.saml.builders import an_authentication

_SECOND = timedelta(seconds=1)
_SKEW = LIFETIMES.clock_skew
_FRAME = a_frame(HM, audiences=(DV,), in_response_to="_q", recipient=ACS)
Change = Callable[[etree._Element], object]


def child(element: etree._Element, path: str) -> etree._Element:
    found = element.find("/".join(tag(SAML, name) for name in path.split("/")))
    assert found is not None
    return found


def changed(change: Change) -> etree._Element:
    element = write_frame(_FRAME)
    change(element)
    return element


def again(path: str) -> Change:
    """Repeat an element beside itself."""

    def change(element: etree._Element) -> None:
        found = child(element, path)
        found.addnext(etree.fromstring(etree.tostring(found)))

    return change


def gone(path: str) -> Change:
    def change(element: etree._Element) -> None:
        found = child(element, path)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return change


def attribute(path: str, name: str, value: str | None) -> Change:
    def change(element: etree._Element) -> None:
        found = child(element, path)
        if value is None:
            del found.attrib[name]
        else:
            found.set(name, value)

    return change


_DATA = "Subject/SubjectConfirmation/SubjectConfirmationData"


@pytest.mark.parametrize(
    "moment", [_FRAME.not_before - _SKEW, _FRAME.not_before, NOW, _FRAME.not_on_or_after + _SKEW - _SECOND]
)
def test_an_assertion_is_in_force_up_to_its_edges(moment: datetime) -> None:
    require_in_force(_FRAME, moment)


@pytest.mark.parametrize("moment", [_FRAME.not_before - _SKEW - _SECOND, _FRAME.not_on_or_after + _SKEW])
def test_an_assertion_is_not_in_force_beyond_its_edges(moment: datetime) -> None:
    with pytest.raises(OutsideTimeWindow):
        require_in_force(_FRAME, moment)


def test_the_first_and_the_last_moment_there_is_are_no_problem() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    require_in_force(a_frame(HM, not_before=first, not_on_or_after=last), NOW)


def test_the_confirmation_may_end_before_the_conditions_do_and_then_counts() -> None:
    earlier = attribute(_DATA, "NotOnOrAfter", "2025-03-03T09:16:20Z")
    assert read_frame(changed(earlier)).not_on_or_after == NOW + 2 * _SECOND
    later = attribute(_DATA, "NotOnOrAfter", "2030-01-01T00:00:00Z")
    assert read_frame(changed(later)).not_on_or_after == NOW + TWO_MINUTES


@pytest.mark.parametrize(
    "change",
    [
        again("Conditions"),
        again("Conditions/AudienceRestriction"),
        again("Subject"),
        again("Subject/NameID"),
        again("Subject/SubjectConfirmation"),
        again(_DATA),
        again("Issuer"),
        gone("Conditions"),
        gone("Subject"),
        gone("Subject/NameID"),
        gone(_DATA),
        gone("Issuer"),
        attribute("Conditions", "NotBefore", None),
        attribute("Conditions", "NotOnOrAfter", None),
        attribute("Conditions", "NotOnOrAfter", "2025-03-03T09:18:18"),
        attribute("Subject/SubjectConfirmation", "Method", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"),
        attribute(_DATA, "NotOnOrAfter", None),
        attribute(_DATA, "NotBefore", "2025-03-03T09:16:18Z"),
        lambda element: setattr(child(element, "Subject/NameID"), "text", None),
        lambda element: element.set("Version", "1.1"),
        lambda element: element.set("ID", "1"),
        lambda element: setattr(element, "tag", tag(SAML, "Advice")),
    ],
    ids=range(22),
)
def test_an_assertion_outside_the_profile_is_refused(change: Change) -> None:
    with pytest.raises(MalformedMessage):
        read_frame(changed(change))


def test_an_assertion_that_answers_us_is_confirmed() -> None:
    require_confirmed(read_frame(write_frame(_FRAME)), in_response_to="_q", recipient=ACS, audience=DV)


@pytest.mark.parametrize(
    "asked",
    [
        {"in_response_to": "_other"},
        {"recipient": ACS.rstrip("/")},
        {"recipient": ACS.upper()},
        {"audience": DV + "/"},
        {"audience": HM},
    ],
)
def test_an_answer_to_another_question_place_or_party_is_refused(asked: dict[str, str]) -> None:
    expected = {"in_response_to": "_q", "recipient": ACS, "audience": DV} | asked
    with pytest.raises(UnexpectedAnswer):
        require_confirmed(_FRAME, **expected)


def test_an_assertion_without_confirmation_confirms_nothing() -> None:
    with pytest.raises(UnexpectedAnswer):
        require_confirmed(a_frame(HM, audiences=(DV,)), in_response_to="_q", recipient=ACS, audience=DV)


def _statement(inside: str) -> etree._Element:
    return etree.fromstring(f'<a xmlns="{SAML}"><AttributeStatement>{inside}</AttributeStatement></a>')


def test_an_attribute_that_occurs_twice_is_refused_also_over_two_statements() -> None:
    one = '<Attribute Name="n"><AttributeValue>1</AttributeValue></Attribute>'
    for inside in (one + one, f"{one}</AttributeStatement><AttributeStatement>{one}"):
        with pytest.raises(MalformedMessage):
            Attributes(_statement(inside))


@pytest.mark.parametrize(
    "values", ["", "<AttributeValue>1</AttributeValue>" * 2, "<AttributeValue><x/></AttributeValue>"]
)
def test_a_plain_attribute_has_one_plain_value(values: str) -> None:
    attributes = Attributes(_statement(f'<Attribute Name="n">{values}</Attribute>'))
    with pytest.raises(MalformedMessage):
        attributes.text("n")


def test_one_of_several_plain_values_is_no_element() -> None:
    values = "<AttributeValue>1</AttributeValue><AttributeValue><x/></AttributeValue>"
    attributes = Attributes(_statement(f'<Attribute Name="n">{values}</Attribute>'))
    with pytest.raises(MalformedMessage):
        attributes.texts("n")


def test_an_absent_attribute_has_no_value() -> None:
    attributes = Attributes(etree.fromstring(f'<a xmlns="{SAML}"/>'))
    assert (attributes.text("n"), attributes.texts("n"), attributes.encrypted("n")) == (None, (), ())


def test_a_plain_value_where_ciphertext_belongs_is_refused() -> None:
    attributes = Attributes(
        _statement('<Attribute Name="n"><AttributeValue>90000001</AttributeValue></Attribute>')
    )
    with pytest.raises(MalformedMessage):
        attributes.encrypted("n")


def test_there_is_exactly_one_authn_statement() -> None:
    element = write_authentication(an_authentication())
    statement = child(element, "AuthnStatement")
    statement.addnext(etree.fromstring(etree.tostring(statement)))
    with pytest.raises(MalformedMessage):
        read_authn_statement(element)


@pytest.mark.parametrize(
    "name", ["loa3", "urn:etoegang:core:assurance-class:LOA3", "urn:etoegang:core:assurance-class:loa5"]
)
def test_an_unknown_level_is_malformed(name: str) -> None:
    element = write_authentication(an_authentication())
    child(element, "AuthnStatement/AuthnContext/AuthnContextClassRef").text = name
    with pytest.raises(MalformedMessage):
        read_authentication(element)
