"""Where a partner may be answered: only where its metadata says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.errors import UnknownAssertionConsumerService
from broker.saml.keys import Certificate
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.policy import AES256_GCM
from tests.domain.builders import a_service
from tests.keys import certificate
from tests.saml.builders import NOW
from tests.saml.builders import SERVICE_ID

_POST = Endpoint(BINDING_POST, "https://dv.example.nl/post", 0)
_FIRST = Endpoint(BINDING_ARTIFACT, "https://dv.example.nl/first", 1)
_DEFAULT = Endpoint(BINDING_ARTIFACT, "https://dv.example.nl/default", 2, is_default=True)
_BOTH = (BINDING_ARTIFACT, BINDING_POST)


def a_partner(*consumers: Endpoint) -> Partner:
    keys = (certificate("dv"), certificate("next"))
    return Partner(
        "urn:x",
        None,
        {"nl": "naam", "en": "name"},
        (),
        keys,
        (),
        consumers or (_POST, _FIRST, _DEFAULT),
        (_FIRST,),
    )


def test_asked_nothing_the_default_is_taken_else_the_first() -> None:
    assert a_partner().consumer(index=None, url=None, bindings=_BOTH) == _DEFAULT
    assert a_partner(_POST, _FIRST).consumer(index=None, url=None, bindings=_BOTH) == _POST
    assert a_partner(_POST, _FIRST).consumer(index=None, url=None, bindings=[BINDING_ARTIFACT]) == _FIRST


def test_an_index_is_looked_up_zero_too() -> None:
    assert a_partner().consumer(index=0, url=None, bindings=_BOTH) == _POST
    assert a_partner().consumer(index=1, url=None, bindings=_BOTH) == _FIRST


def test_a_url_is_compared_byte_for_byte() -> None:
    assert a_partner().consumer(index=None, url=_FIRST.location, bindings=_BOTH) == _FIRST
    for other in (
        "https://dv.example.nl/first/",
        "HTTPS://dv.example.nl/first",
        "https://dv.example.nl/first?x",
        "javascript:x",
    ):
        with pytest.raises(UnknownAssertionConsumerService):
            a_partner().consumer(index=None, url=other, bindings=_BOTH)


@pytest.mark.parametrize(
    ("index", "url", "bindings"),
    [
        (9, None, _BOTH),
        (0, None, [BINDING_ARTIFACT]),
        (1, _FIRST.location, _BOTH),
        (None, None, ["urn:x"]),
        (None, "", _BOTH),
    ],
)
def test_what_is_not_in_the_metadata_is_never_guessed(
    index: int | None, url: str | None, bindings: list[str]
) -> None:
    with pytest.raises(UnknownAssertionConsumerService):
        a_partner().consumer(index=index, url=url, bindings=bindings)


def a_key(name: str, begins: int, ends: int = 365) -> Certificate:
    """A certificate of the dienstverlener that holds from ``begins`` up to ``ends``, in days from now."""
    not_before, not_after = NOW + timedelta(days=begins), NOW + timedelta(days=ends)
    return replace(certificate("dv"), key_name=name, not_before=not_before, not_after=not_after)


OLD, RETIRED = a_key("old", -300), a_key("retired", -400, -1)
NEW, NEXT, TWIN = a_key("new", -10), a_key("next", 1), a_key("twin", -10)


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        ((OLD, NEW), "new"),
        ((NEW, OLD), "new"),
        ((OLD, NEW, NEXT), "new"),
        ((OLD, RETIRED), "old"),
        ((RETIRED, NEXT, OLD), "old"),
        ((NEW, TWIN), "twin"),
        ((TWIN, NEW), "new"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(each.key_name for each in value),
)
def test_what_is_encrypted_for_is_the_newest_key_in_force_in_whatever_order_they_are_listed(
    listed: tuple[Certificate, ...], chosen: str
) -> None:
    assert replace(a_partner(), encryption=listed).recipient(NOW).certificate.key_name == chosen


@pytest.mark.parametrize("listed", [(), (RETIRED,), (NEXT,), (RETIRED, NEXT)], ids=len)
def test_without_a_key_in_force_there_is_nobody_to_encrypt_for(listed: tuple[Certificate, ...]) -> None:
    partner = replace(a_partner(), signing=(NEW,), encryption=listed)
    with pytest.raises(NobodyToEncryptFor):
        partner.recipient(NOW)


@pytest.mark.parametrize("listed", [(RETIRED,), (NEXT,)], ids=["retired", "next"])
def test_an_assertion_that_must_be_encrypted_is_not_made_without_a_key_in_force(
    listed: tuple[Certificate, ...],
) -> None:
    plain = Connection(profile=Profile.SAML)
    with pytest.raises(NobodyToEncryptFor):
        replace(a_partner(), encryption=listed, connection=plain).sealing(NOW)


def test_an_assertion_is_encrypted_as_is_asked_with_the_key_that_is_chosen() -> None:
    keys = (replace(NEW, asked=AES256_GCM), replace(NEXT, asked=None), OLD)
    sealing = replace(a_partner(), encryption=keys, connection=Connection(profile=Profile.SAML)).sealing(NOW)

    assert sealing is not None
    assert (sealing.algorithm, sealing.recipient.certificate.key_name) == (AES256_GCM, "new")


def test_a_name_falls_back_to_dutch_english_and_the_entity_id() -> None:
    assert [a_partner().display_name(lang) for lang in ("en", "nl", "fy")] == ["name", "naam", "naam"]
    assert Partner("urn:x", None, {}, (), ()).display_name("nl") == "urn:x"


def test_a_resolution_service_is_found_by_its_index_only() -> None:
    assert a_partner().resolution_service(1) == _FIRST
    assert a_partner().resolution_service(0) is None


def test_a_catalogue_numbers_the_services_that_the_metadata_leaves_out() -> None:
    first, second = SERVICE_ID, SERVICE_ID[:-1] + "8"
    plain = replace(a_partner(), services={}, default_service=None)
    alone = plain.with_catalogue({first: a_service(service_id=first)})
    both = plain.with_catalogue({first: a_service(service_id=first), second: a_service(service_id=second)})
    own = replace(plain, services={3: first}).with_catalogue({first: a_service(service_id=first)})
    assert (alone.services, alone.default_service) == ({7: first}, first)
    assert (both.services, both.default_service) == ({7: first, 8: second}, None)
    assert (own.services, own.default_service) == ({3: first}, None)


def test_the_name_of_a_dienstverlener_is_that_of_its_catalogue_when_it_has_one() -> None:
    named = replace(a_partner(), display_names={"nl": "Metadata"}, catalogue={})
    assert named.organisation_name("nl") == "Metadata"
    known = replace(
        named, catalogue={SERVICE_ID: a_service(dienstverlener_names={"nl": "Gemeente Voorbeeld"})}
    )
    assert known.organisation_name("nl") == "Gemeente Voorbeeld"


def test_who_gets_identifiers_in_clear_has_them_encrypted_for_its_key_for_encryption_all_the_same() -> None:
    older = Connection(profile=Profile.V1_11)
    both = replace(
        a_partner(), connection=older, signing=(certificate("dv"),), encryption=(certificate("next"),)
    )
    assert both.encryption_keys == (certificate("next"),)
    assert replace(both, encryption=()).encryption_keys == (certificate("dv"),)
    assert replace(both, encryption=(), connection=Connection()).encryption_keys == ()
