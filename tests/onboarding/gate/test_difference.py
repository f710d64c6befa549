"""The difference between two versions: complete, in words of both languages, and the same after it was kept."""

from dataclasses import fields
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.domain.attributes import AskedAttribute
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import Intermediation
from broker.domain.services import RequestedAttribute
from broker.domain.services import Service
from broker.onboarding.difference import COMPARED
from broker.onboarding.difference import NOT_COMPARED
from broker.onboarding.difference import Difference
from broker.onboarding.difference import difference
from broker.onboarding.points import How
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.partner import Endpoint
from broker.saml.partner import Organisation
from broker.saml.partner import Partner
from broker.screens.texts import load_texts
from tests.domain.builders import a_service
from tests.keys import certificate
from tests.saml.builders import DV
from tests.saml.builders import NOW

SERVICE = a_service(
    requested_attributes=(RequestedAttribute("urn:x:FirstName", True, {"nl": "om u aan te spreken"}),)
)
ACS = Endpoint(BINDING_ARTIFACT, "https://dv.example/acs", 1, is_default=True)
PARTNER = Partner(
    entity_id=DV,
    oin="00000099000000004000",
    display_names={"nl": "Gemeente"},
    role="DV",
    signing=(certificate("dv"),),
    encryption=(certificate("dv"),),
    assertion_consumers=(ACS,),
    services={7: SERVICE.service_id},
    catalogue={SERVICE.service_id: SERVICE},
    requested_attributes={7: (AskedAttribute("urn:x:FirstName", True),)},
)
OTHER = (Endpoint(BINDING_ARTIFACT, "https://dv.example/elders", 2),)
UUID = "f2f5c5c5-0000-4000-8000-000000000009"

OF_PARTNER: dict[str, Any] = {
    "role": "AD",
    "oin": "00000099000000009000",
    "display_names": {"nl": "Dorp", "en": "Village"},
    "organisation": Organisation({"nl": "Dorp"}, {"nl": "https://dorp.example"}),
    "signing": (certificate("dv2"),),
    "encryption": (
        certificate("dv2"),
        replace(certificate("dv"), key_name="anders", asked="http://x#aes256-gcm"),
    ),
    "assertion_consumers": (replace(ACS, is_default=False, response_location="https://dv.example/r"), *OTHER),
    "sign_on": OTHER,
    "artifact_resolution": OTHER,
    "logout": OTHER,
    "catalogue": {},
    "services": {8: SERVICE.service_id},
    "default_service": SERVICE.service_id,
    "requested_attributes": {
        7: (AskedAttribute("urn:x:FirstName", None),),
        None: (AskedAttribute("urn:x:B"),),
    },
    "level": LevelOfAssurance.LOA3,
    "identifier_types": frozenset({"urn:x:Pseudo"}),
    "catalogue_location": "https://hm.example/catalogue",
    "valid_from": NOW - timedelta(days=1),
    "valid_until": NOW + timedelta(days=1),
    "connection": Connection(mutual_tls=True),
}
OF_SERVICE: dict[str, Any] = {
    "names": {"nl": "Anders"},
    "level": LevelOfAssurance.LOA4,
    "identifier_sets": ((IdentifierType.RSIN,),),
    "acting_sets": ((IdentifierType.PSEUDO,),),
    "restrictions_allowed": frozenset({"urn:x:SubdossierNr"}),
    "classifiers": frozenset({NO_CHAIN_CLASSIFIER, "iets"}),
    "requested_attributes": (
        RequestedAttribute("urn:x:FirstName", False, {"nl": "zomaar", "en": "just so"}),
    ),
    "sso_support": True,
    "is_portal": True,
    "portal_for": (UUID,),
    "intermediation": Intermediation.GENERAL,
    "intermediaries": frozenset({Oin("00000099000000009000")}),
    "intermediated_service": UUID,
    "makelaars": frozenset({Oin("00000099000000009000")}),
    "dienstverlener": Oin("00000099000000009000"),
    "dienstverlener_names": {"nl": "Dorp"},
    "service_uuid": UUID,
    "instance_uuid": UUID,
}
OF_CONNECTION: dict[str, Any] = {
    "profile": Profile.SAML,
    "tolerances": frozenset({Tolerance.CONSENT}),
    "mutual_tls": True,
    "encrypt_assertion": False,
    "attribute_names": {"kvk": "KVK"},
    "contexts": {"urn:x:Password": LevelOfAssurance.LOA2},
    "default_service": "urn:x",
    "name": "Ons account",
    "subject": "uid",
    "register": "urn:mr",
    "key_overlap_days": 7,
}


def seen(after: Partner) -> Difference:
    return difference((PARTNER,), (after,), NOW)


@pytest.mark.parametrize("kind", COMPARED, ids=lambda kind: kind.__name__)
def test_every_field_is_compared_or_has_a_reason_not_to_be(kind: type[Any]) -> None:
    names = {field.name for field in fields(kind)}

    assert set(COMPARED[kind]) | set(NOT_COMPARED[kind]) == names
    assert not set(COMPARED[kind]) & set(NOT_COMPARED[kind])


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in (Partner, Service, Connection) for name in COMPARED[kind]]
)
def test_another_value_is_told_in_both_languages_whichever_way_it_goes(kind: type[Any], name: str) -> None:
    other = replace(PARTNER, **_other(kind, name))

    for before, after in ((PARTNER, other), (other, PARTNER)):
        found = difference((before,), (after,), NOW)
        assert found.points
        assert Difference.from_json(found.to_json()) == found
        for language in ("nl", "en"):
            words = found.in_words(language)
            assert len(words) == len(found.points)
            assert all("{" not in sentence and sentence.endswith(".") for sentence in words)


def _other(kind: type[Any], name: str) -> dict[str, Any]:
    if kind is Partner:
        return {name: OF_PARTNER[name]}
    if kind is Connection:
        return {"connection": replace(PARTNER.connection, **{name: OF_CONNECTION[name]})}
    service = replace(SERVICE, **{name: OF_SERVICE[name]})
    return {"catalogue": {SERVICE.service_id: service}}


def test_no_words_are_left_without_a_point_that_needs_them() -> None:
    said = {"nothing", "since", "required.yes", "required.no", "required.open", "announcement.removed"}
    for kind in (Partner, Service, Connection):
        for name in COMPARED[kind]:
            other = replace(PARTNER, **_other(kind, name))
            for before, after in (((PARTNER,), other), ((other,), PARTNER), ((), other)):
                points = difference(before, (after,), NOW).points
                said |= {f"{point.kind}.{point.how}" for point in points}
    renewed = replace(certificate("dv"), der=b"anders")
    for field in ("signing", "encryption"):
        for change in (renewed, replace(certificate("dv"), key_name="x", asked="http://x#y")):
            keys: dict[str, Any] = {field: (change,)}
            points = seen(replace(PARTNER, **keys)).points
            said |= {f"{point.kind}.{point.how}" for point in points}
    words = {key.removeprefix("difference.") for key in load_texts("nl") if key.startswith("difference.")}

    assert said - words == set()
    assert {word.rpartition(".")[0] or word for word in words - said} <= {
        point.rpartition(".")[0] for point in said
    }


def test_a_level_is_told_as_a_level() -> None:
    service = replace(SERVICE, level=LevelOfAssurance.LOA4)

    found = seen(replace(PARTNER, catalogue={SERVICE.service_id: service}))

    number, name = SERVICE.service_id.rpartition(":")[2], SERVICE.name("nl")
    assert found.in_words("nl") == (f"Dienst {number} ({name}) vraagt nu EH4 in plaats van EH3.",)
    assert not found.shrinks


def test_the_same_key_in_another_certificate_stays_the_same_key() -> None:
    renewed = replace(certificate("dv"), der=b"another", not_after=NOW + timedelta(days=900))

    (point,) = seen(replace(PARTNER, signing=(renewed,))).points

    assert (point.kind, point.how) == ("signing-key-certificate", How.CHANGED)


@pytest.mark.parametrize(
    "gone", [{"catalogue": {}}, {"assertion_consumers": ()}], ids=lambda gone: next(iter(gone))
)
def test_what_people_log_in_at_is_missed(gone: dict[str, Any]) -> None:
    assert seen(replace(PARTNER, **gone)).shrinks
    assert not difference((replace(PARTNER, **gone),), (PARTNER,), NOW).shrinks


def test_what_metadata_announces_is_told_with_its_date() -> None:
    now = replace(PARTNER, valid_from=NOW - timedelta(days=9))
    later = replace(now, valid_from=NOW + timedelta(days=9), signing=(certificate("dv2"),))

    announced = difference((now,), (now, later), NOW)
    date = f"{later.valid_from:%Y-%m-%d}"
    assert f"Vanaf {date}: Sleutel {certificate('dv2').key_name} komt erbij." in announced.in_words("nl")
    assert difference((now, later), (now, later), NOW) == Difference()

    (taken_back,) = difference((now, later), (now,), NOW).in_words("en")
    assert taken_back == f"The metadata no longer announces a change on {date}."


def test_a_new_partner_is_told_by_what_it_brings() -> None:
    words = difference((), (PARTNER,), NOW).in_words("nl")

    assert words[0].startswith("Nieuw: ")
    assert f"Sleutel {certificate('dv').key_name} komt erbij." in words
    assert any(word.startswith("ACS https://dv.example/acs") for word in words)


def test_a_value_with_signs_of_html_reads_as_it_is() -> None:
    words = seen(replace(PARTNER, display_names={"nl": "<b>{about}&"})).in_words("nl")

    assert words == ("Naam (nl): <b>{about}& in plaats van Gemeente.",)
