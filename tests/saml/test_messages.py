"""Each kind of message is read back as it was written, signed and over the wire, and is valid against the schemas."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.artifact_resolution import read_artifact_resolve
from broker.saml.authentication import read_authentication
from broker.saml.authentication import write_authentication
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.authorization import read_authorization
from broker.saml.authorization import write_authorization
from broker.saml.decision_query import read_decision_query
from broker.saml.decision_query import write_decision_query
from broker.saml.declaration import read_declaration
from broker.saml.declaration import write_declaration
from broker.saml.parsing import parse
from broker.saml.response import make_assertion
from broker.saml.schema import list_faults
from broker.saml.signature import verify
from broker.saml.status import Status
from broker.saml.status import read_status
from broker.saml.status import write_status
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import ACS
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW
from tests.saml.builders import a_declaration
from tests.saml.builders import a_frame
from tests.saml.builders import a_query
from tests.saml.builders import an_authentication
from tests.saml.builders import an_authn_request
from tests.saml.builders import an_authorization
from tests.saml.builders import an_encrypted_id
from tests.saml.builders import envelope
from tests.saml.builders import new_id
from tests.saml.builders import signed
from tests.saml.builders import verified

# What may stand in an attribute of XML and comes back the same: no controls, and nothing that white space rules touch.
_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="￾￿")
TEXT = st.text(_CHARACTERS, min_size=1, max_size=60)
URI = st.from_regex(r"urn:[a-z]{2,8}:[A-Za-z0-9:]{1,30}", fullmatch=True)
MOMENT = st.datetimes(NOW.replace(tzinfo=None) - timedelta(days=900), NOW.replace(tzinfo=None)).map(
    lambda value: value.replace(microsecond=0, tzinfo=NOW.tzinfo)
)
LEVEL = st.sampled_from(list(LevelOfAssurance))
INDEX = st.integers(0, 65535)
RESTRICTIONS = st.fixed_dictionaries(
    {
        "vestiging": st.none() | st.from_regex(r"[0-9]{12}", fullmatch=True),
        "subdossier": st.none() | st.from_regex(r"[0-9]{4}", fullmatch=True),
    }
)
SEVERAL = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def over_the_wire(element: etree._Element, name: str) -> etree._Element:
    """Signed, serialised, parsed, validated and verified."""
    message = signed(element, name)
    assert list_faults(parse(message)) == []
    return verified(message, name)


@SEVERAL
@given(
    st.fixed_dictionaries(
        {"issue_instant": MOMENT, "issuer": URI, "force_authn": st.booleans(), "level": st.none() | LEVEL},
        optional={
            "provider_name": TEXT,
            "service_index": INDEX,
            "acs_index": INDEX,
            "idp_list": st.lists(URI, min_size=1, max_size=3, unique=True).map(tuple),
            "service_uuid": TEXT,
            "intended_audience": URI,
            "catalogue": TEXT,
        },
    )
)
def test_an_authn_request(changes: dict[str, Any]) -> None:
    request = an_authn_request(**changes)
    assert read_authn_request(over_the_wire(write_authn_request(request), "dv")) == request


def test_an_authn_request_with_an_acs_url_and_binding() -> None:
    request = an_authn_request(
        acs_index=None, acs_url=ACS, protocol_binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    )
    assert read_authn_request(over_the_wire(write_authn_request(request), "dv")) == request


@SEVERAL
@given(LEVEL, TEXT, st.booleans(), MOMENT, st.integers(0, 2))
def test_an_authentication(
    level: LevelOfAssurance, name_id: str, representation: bool, moment: Any, subjects: int
) -> None:
    changes: dict[str, Any] = {"level": level, "representation": representation, "authn_instant": moment}
    assertion = an_authentication(
        frame=a_frame(HM, name_id=name_id, audiences=(HM, DV), in_response_to="_q", recipient=ACS),
        acting_subject=tuple(an_encrypted_id("mr", MR) for _ in range(subjects)),
        **changes,
    )
    again = read_authentication(over_the_wire(write_authentication(assertion), "ad"))
    assert replace(again, acting_subject=()) == replace(assertion, acting_subject=())
    assert [each.recipients for each in again.acting_subject] == [(MR,)] * subjects


@SEVERAL
@given(
    LEVEL,
    LEVEL,
    RESTRICTIONS,
    st.none() | URI,
    st.sampled_from(["Permit", "Deny"]),
)
def test_an_authorization(
    asked: LevelOfAssurance,
    used: LevelOfAssurance,
    restrictions: dict[str, Any],
    confirm_at: str,
    decision: str,
) -> None:
    assertion = an_authorization(
        level_asked=asked, level_used=used, confirm_at=confirm_at, decision=decision, **restrictions
    )
    again = read_authorization(over_the_wire(write_authorization(assertion, HM), "mr"))
    assert again.obligations == (("urn:etoegang:core:RequireConfirmationFromNextMR",) if confirm_at else ())
    empty: dict[str, Any] = {"acting_subject": (), "legal_subject": (), "obligations": ()}
    assert replace(again, **empty) == replace(assertion, **empty)
    assert again.is_permit == (decision == "Permit")


def test_a_permit_with_another_status_is_no_permit() -> None:
    assertion = an_authorization(status_code="urn:oasis:names:tc:xacml:1.0:status:processing-error")
    assert not read_authorization(over_the_wire(write_authorization(assertion, HM), "mr")).is_permit


@SEVERAL
@given(LEVEL, st.none() | INDEX, TEXT, st.none() | TEXT)
def test_a_decision_query(
    level: LevelOfAssurance, acs_index: int | None, subject_id: str, catalogue: str | None
) -> None:
    query = a_query(level=level, acs_index=acs_index, subject_id=subject_id, catalogue=catalogue)
    message = signed(write_decision_query(query), "hm")
    assert list_faults(parse(message)) == []
    again = read_decision_query(verify(parse(message), [certificate("hm")], HM, keep=True))
    assert replace(again, assertions=()) == replace(query, assertions=())
    assert len(again.assertions) == 1


@SEVERAL
@given(LEVEL, RESTRICTIONS, st.booleans(), TEXT)
@pytest.mark.rule("3.4.14")
def test_a_declaration(
    level: LevelOfAssurance, restrictions: dict[str, Any], chain: bool, session: str
) -> None:
    intermediate = (an_encrypted_id("dv", DV),) if chain else ()
    declaration = a_declaration(
        level=level, intermediate_subject=intermediate, session_index=session, **restrictions
    )
    message = make_assertion(write_declaration(declaration, DV, new_id), signer("hm"))
    assert list_faults(parse(message)) == []
    again = read_declaration(verified(message, "hm"))
    empty: dict[str, Any] = {"acting_subject": (), "legal_subject": (), "intermediate_subject": ()}
    assert replace(again, **empty) == replace(declaration, **empty)
    assert len(again.intermediate_subject) == len(intermediate)


@SEVERAL
@given(st.none() | URI, TEXT, MOMENT)
def test_an_artifact_resolve(destination: str | None, artifact: str, moment: Any) -> None:
    resolve = ArtifactResolve(new_id(), moment, DV, artifact, destination)
    message = make_artifact_resolve(resolve, signer("dv"))
    assert list_faults(parse(message)) == []
    assert read_artifact_resolve(verified(message, "dv")) == resolve


@SEVERAL
@given(st.builds(Status, URI, st.none() | URI, st.none() | TEXT, st.none() | TEXT))
def test_a_status(status: Status) -> None:
    parent = etree.Element("parent")
    write_status(parent, status)
    assert read_status(parse(etree.tostring(parent))) == status


def test_the_deepest_message_is_valid_against_the_schemas() -> None:
    assert list_faults(parse(envelope())) == []


@pytest.mark.parametrize(
    "value", ['"><x/>', "</saml:Issuer>", "<!-- -->", "]]>", "&amp;&#60;", "'\"<>&", "\u202eevil"]
)
def test_values_that_look_like_xml_come_back_as_they_were(value: str) -> None:
    request = an_authn_request(provider_name=value, service_uuid=value)
    again = read_authn_request(over_the_wire(write_authn_request(request), "dv"))
    assert (again.provider_name, again.service_uuid) == (value, value)
