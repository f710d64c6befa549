"""The metadata of the network: believed from the beheerorganisatie only, and sorted out by role."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import pairwise

import pytest
from lxml import etree

from broker.attacks.steps.wrapping import VARIANTS
from broker.saml.findings import DocumentRefused
from broker.saml.metadata import read_metadata
from broker.saml.metadata import read_versions
from broker.saml.network_metadata import Edition
from broker.saml.network_metadata import NetworkMetadata
from broker.saml.network_metadata import read_network_metadata
from broker.saml.partner import in_force
from broker.saml.policy import LIMITS
from tests.beheerorganisatie import ADS
from tests.beheerorganisatie import DVS
from tests.beheerorganisatie import EBS
from tests.beheerorganisatie import HMS
from tests.beheerorganisatie import KEY
from tests.beheerorganisatie import KRS
from tests.beheerorganisatie import MRS
from tests.beheerorganisatie import edition
from tests.beheerorganisatie import entity
from tests.beheerorganisatie import entity_id
from tests.beheerorganisatie import group
from tests.beheerorganisatie import small
from tests.judges import JUDGES
from tests.keys import certificate

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def read(data: bytes, *names: str, now: datetime = NOW) -> NetworkMetadata:
    return read_network_metadata(data, [certificate(name) for name in names or (KEY,)], now)


def refusal(data: bytes, *names: str, now: datetime = NOW) -> str:
    with pytest.raises(DocumentRefused) as caught:
        read(data, *names, now=now)
    return str(caught.value)


def placed(document: NetworkMetadata) -> list[tuple[str, str]]:
    return sorted((listed.role, listed.entity_id) for listed in document.listed)


@pytest.mark.rule("7.5.05", "7.5.07")
def test_everyone_is_found_in_their_role() -> None:
    document = read(small())

    assert placed(document) == [(role, entity_id(role)) for role in ("AD", "EB", "MR")]
    assert (document.findings, document.unplaced) == ((), frozenset())
    assert document.edition == Edition("urn:etoegang:1.13:metadata:T:7", (1, 13), "T", 7)


@pytest.mark.rule("7.5.05")
def test_the_beheerorganisatie_of_the_tests_convinces_every_judge() -> None:
    data = edition(group(ADS, entity("AD")))

    assert [judge.accepts(data, 0, [certificate(KEY)]) for judge in JUDGES] == [True] * len(JUDGES)


def test_who_changes_keys_may_be_believed_by_either() -> None:
    assert read(small(), "mallory", KEY).listed


def test_what_is_listed_is_metadata_that_can_be_read() -> None:
    for listed in read(small()).listed:
        partner, _ = read_metadata(listed.metadata, listed.role, NOW)
        assert (partner.entity_id, partner.signing) == (listed.entity_id, (certificate(listed.role.lower()),))


@pytest.mark.rule("7.5.07")
def test_groups_may_be_nested_to_any_depth_and_in_any_order() -> None:
    deep = entity("AD")
    for number in range(20):
        deep = group(f"urn:etoegang:1.13:T:{number}" if number % 2 else None, deep)
    document = read(edition(group("urn:x", group(MRS, entity("MR"))), group(ADS, deep, entity("AD", 2))))

    assert placed(document) == [("AD", entity_id("AD")), ("AD", entity_id("AD", 2)), ("MR", entity_id("MR"))]


@pytest.mark.rule("7.5.07")
def test_roles_a_makelaar_has_no_partners_in_are_passed_over() -> None:
    document = read(
        edition(group(ADS, entity("AD")), *(group(name, entity("HM")) for name in (HMS, DVS, KRS)))
    )

    assert placed(document) == [("AD", entity_id("AD"))]
    assert document.findings == ()


@pytest.mark.parametrize(
    ("around", "where"),
    [
        (lambda inside: inside, "no group of one role"),
        (lambda inside: group("urn:etoegang:role:Waarzeggers", inside), "Waarzeggers, which is not known"),
        (lambda inside: group("urn:etoegang:1.13:T:3", inside), "no group of one role"),
        (lambda inside: group(ADS, group(MRS, inside)), "no group of one role"),
    ],
    ids=["none", "an unknown role", "no role", "two roles"],
)
def test_who_stands_in_no_clear_role_is_reported_and_not_guessed(around: object, where: str) -> None:
    assert callable(around)
    document = read(edition(group(ADS, entity("AD")), around(entity("AD", 2))))

    assert placed(document) == [("AD", entity_id("AD"))]
    assert document.unplaced == {entity_id("AD", 2)}
    (reason,) = (finding.reason for finding in document.findings)
    assert reason.startswith(f"{entity_id('AD', 2)} stands in ")
    assert where in reason


@pytest.mark.rule("7.5.01")
def test_one_entity_in_two_roles_is_reported_and_left_out() -> None:
    document = read(edition(group(ADS, entity("AD"), entity("AD", 2)), group(MRS, entity("AD", 2))))

    assert placed(document) == [("AD", entity_id("AD"))]
    assert document.unplaced == {entity_id("AD", 2)}
    assert any("listed as AD and MR" in finding.reason for finding in document.findings)


@pytest.mark.rule("7.5.08")
@pytest.mark.parametrize("groups", [(ADS, MRS), (MRS, ADS), (ADS,), (EBS,), (ADS, MRS, EBS)])
def test_a_berichtenservice_is_one_however_it_is_listed(groups: tuple[str, ...]) -> None:
    document = read(edition(*(group(name, entity("EB")) for name in groups)))

    assert placed(document) == [("EB", entity_id("EB"))]
    assert document.findings == ()
    versions, _ = read_versions(document.listed[0].metadata, "EB")
    assert len(versions) == 1


# Whom it is believed from


@pytest.mark.rule("7.5.05")
@pytest.mark.parametrize(
    "data",
    [
        edition(group(ADS, entity("AD")), key=None),
        edition(group(ADS, entity("AD")), key="mallory"),
        edition(group(ADS, entity("AD")), key="ad"),
        small().replace(b"https://ad1.example/sso", b"https://evil.example/so"),
        entity("AD").encode(),
    ],
    ids=["unsigned", "another key", "the key of one in it", "changed", "one entity"],
)
def test_what_the_beheerorganisatie_did_not_sign_is_refused(data: bytes) -> None:
    assert "Digital signature" in refusal(data)


@pytest.mark.rule("7.5.05")
def test_a_signature_on_an_inner_group_only_is_none() -> None:
    inner = edition(group(ADS, entity("AD"))).decode()

    assert "Digital signature" in refusal(edition(inner, key=None))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_wrapped_edition_is_refused(variant: str) -> None:
    original = etree.fromstring(edition(group(ADS, entity("AD"))))

    assert refusal(etree.tostring(VARIANTS[variant](original, "FORGED")))


def test_without_a_certificate_nothing_is_believed() -> None:
    with pytest.raises(DocumentRefused, match="no certificate"):
        read_network_metadata(small(), [], NOW)


def test_one_entity_of_the_beheerorganisatie_is_no_network() -> None:
    assert "no EntitiesDescriptor" in refusal(entity("AD", key=KEY).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + small(),
        small()
        .replace(b"<md:EntitiesDescriptor", b"<?php x?><md:EntitiesDescriptor")
        .replace(b"<?php x?>", b"", 1),
        small().decode().encode("utf-16"),
    ],
    ids=["nothing", "cut off", "entity", "instruction", "UTF-16"],
)
def test_what_no_parser_should_see_is_refused(data: bytes) -> None:
    assert refusal(data)


def test_an_edition_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    data = small()
    monkeypatch.setattr("broker.saml.network_metadata.LIMITS", _limits(network_metadata_bytes=len(data) - 1))
    assert "bytes" in refusal(data)


def test_an_edition_is_bounded_in_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.saml.network_metadata.LIMITS", _limits(network_entities=2))
    assert "more than 2 entities" in refusal(small())


def _limits(**changes: int) -> object:
    values = {name: getattr(LIMITS, name) for name in LIMITS.__slots__}
    return type(LIMITS)(**(values | changes))


# Its name and dates


@pytest.mark.rule("7.2.07", "7.5.02")
@pytest.mark.parametrize(
    ("name", "version", "environment", "sequence"),
    [
        ("urn:etoegang:1.13:metadata:P:53", (1, 13), "P", 53),
        ("urn:etoegang:1.13:53", (1, 13), "", 53),
        ("urn:etoegang:1.9:T:0007", (1, 9), "T", 7),
        ("urn:etoegang:1.24:metadata:12", (1, 24), "", 12),
    ],
)
def test_a_name_says_which_edition_it_is(
    name: str, version: tuple[int, ...], environment: str, sequence: int
) -> None:
    assert Edition.of(name) == Edition(name, version, environment, sequence)
    assert read(edition(group(ADS, entity("AD")), name=name)).edition.sequence == sequence


@pytest.mark.parametrize(
    "name", ["", "urn:x", "urn:etoegang:1.13:metadata:P:", "urn:etoegang:1.13:metadata:P:-1"]
)
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Name"):
        Edition.of(name)
    assert "Name" in refusal(edition(group(ADS, entity("AD")), name=name or "urn:y"))


@pytest.mark.rule("7.5.12")
def test_the_version_counts_before_the_number() -> None:
    editions = [
        Edition.of(f"urn:etoegang:{each}") for each in ("1.9:9", "1.13:1", "1.13:2", "1.13:10", "2.0:1")
    ]

    for earlier, later in pairwise(editions):
        assert earlier.precedes(later)
        assert not later.precedes(earlier)
    assert not editions[0].precedes(editions[0])


@pytest.mark.rule("7.5.06")
@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ("P7D", 7 * DAY),
        ("PT1H30M", timedelta(minutes=90)),
        ("P1Y2M3DT4H5M6.7S", 428 * DAY + 14_706 * SECOND),
    ],
)
def test_it_says_how_long_it_may_be_kept(text: str, keep: timedelta) -> None:
    assert read(edition(group(ADS, entity("AD")), attributes=f'cacheDuration="{text}"')).keep == keep


@pytest.mark.parametrize("text", ["P", "PT", "a week", "-P7D", "P9999Y"])
def test_what_is_no_duration_is_ignored(text: str) -> None:
    document = read(edition(group(ADS, entity("AD")), attributes=f'cacheDuration="{text}"'))

    assert document.keep is None
    assert any("cacheDuration" in finding.reason for finding in document.findings)


@pytest.mark.rule("7.5.03")
def test_an_edition_that_has_expired_is_refused() -> None:
    data = edition(group(ADS, entity("AD")), attributes=f'validUntil="{NOW.isoformat()}"')

    assert read(data, now=NOW - DAY).valid_until == NOW
    assert "validUntil has passed" in refusal(data)
    assert "validUntil" in refusal(edition(group(ADS, entity("AD")), attributes='validUntil="soon"'))


@pytest.mark.rule("7.5.03")
def test_who_is_in_it_holds_no_longer_than_what_surrounds_it() -> None:
    inner = group(ADS, entity("AD"), attributes=f'validUntil="{(NOW + DAY).isoformat()}"')
    data = edition(inner, group(MRS, entity("MR")), attributes=f'validUntil="{(NOW + 2 * DAY).isoformat()}"')

    ends = {
        each.role: read_versions(each.metadata, each.role)[0][0].valid_until for each in read(data).listed
    }
    assert ends == {"AD": NOW + DAY, "MR": NOW + 2 * DAY}


def test_a_group_of_which_the_end_is_no_moment_limits_nobody() -> None:
    document = read(edition(group(ADS, entity("AD"), attributes='validUntil="soon"')))

    versions, _ = read_versions(document.listed[0].metadata, "AD")
    assert versions[0].valid_until is None


@pytest.mark.rule("7.5.11")
def test_two_descriptors_of_one_entity_stay_together() -> None:
    old = entity("AD", end=NOW + DAY)
    new = entity("AD", key="mallory", start=NOW + DAY)
    document = read(edition(group(ADS, new, group("urn:x", old))))

    assert len(document.listed) == 1
    versions, _ = read_versions(document.listed[0].metadata, "AD")
    chosen = [in_force(versions, moment) for moment in (NOW, NOW + DAY)]
    assert [each and each.signing for each in chosen] == [(certificate("ad"),), (certificate("mallory"),)]


# What real documents have that ours have not


def test_types_whose_prefix_was_not_signed_do_no_harm() -> None:
    typed = entity("AD").replace(
        "AttributeValue>urn",
        'AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">urn',
        1,
    )
    assert "xsi:type" in typed
    document = read(edition(group(ADS, typed)))

    assert read_metadata(document.listed[0].metadata, "AD", NOW)[0].level is not None


def test_a_type_whose_prefix_was_signed_stays() -> None:
    typed = entity("AD").replace('xsi:type="xs:string"', 'xsi:type="saml:other"')
    assert 'xsi:type="saml:other"' in typed
    document = read(edition(group(ADS, typed)))

    assert b'xsi:type="saml:other"' in document.listed[0].metadata


@pytest.mark.rule("7.5.04")
def test_names_and_contacts_in_extensions_do_no_harm() -> None:
    contact = (
        '<md:ContactPerson contactType="administrative"><md:EmailAddress>beheer@ad.example</md:EmailAddress>'
        "</md:ContactPerson></md:EntityDescriptor>"
    )
    iso = '<md:Extensions><eme:IsoName xmlns:eme="urn:etoegang:1.13:metadata-extension">AD</eme:IsoName>'
    extended = entity("AD").replace("</md:EntityDescriptor>", contact).replace("<md:Extensions>", iso, 1)
    assert "IsoName" in extended
    document = read(edition(group(ADS, extended)))

    assert read_metadata(document.listed[0].metadata, "AD", NOW)[0].entity_id == entity_id("AD")


def test_the_same_entity_in_another_edition_is_the_same_document() -> None:
    one = entity("AD")

    first, second = (read(edition(group(ADS, one), number=number)).listed[0] for number in (7, 8))
    assert first == second
