"""When metadata holds, and which of two descriptors of one entity."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from broker.saml.findings import DocumentRefused
from broker.saml.metadata import read_metadata
from broker.saml.metadata import read_versions
from broker.saml.names import MD
from broker.saml.names import METADATA_EXTENSION
from broker.saml.partner import in_force
from tests.saml.documents import NOW
from tests.saml.documents import ad_metadata
from tests.saml.documents import dv_metadata
from tests.saml.documents import key_descriptor

_EME = f'xmlns:eme="{METADATA_EXTENSION}"'
MARCH, APRIL, MAY = (datetime(2025, month, 1, tzinfo=UTC) for month in (3, 4, 5))


def dates(start: datetime | None = None, end: datetime | None = None) -> str:
    """The attributes of an EntityDescriptor that holds for a while."""
    attributes = _EME
    attributes += f' eme:validFrom="{start.isoformat()}"' if start else ""
    return attributes + (f' validUntil="{end.isoformat()}"' if end else "")


def together(*descriptors: bytes, attributes: str = "") -> bytes:
    """Several descriptors in one document, with IDs of their own."""
    inside = "".join(each.decode().replace("_md", f"_md{n}") for n, each in enumerate(descriptors))
    return f'<md:EntitiesDescriptor xmlns:md="{MD}" {attributes}>{inside}</md:EntitiesDescriptor>'.encode()


def in_extensions(namespace: str) -> bytes:
    """An authenticatiedienst that says validFrom by an element."""
    element = f'<x:validFrom xmlns:x="{namespace}">{APRIL.isoformat()}</x:validFrom></md:Extensions>'
    return ad_metadata().replace(b"</md:Extensions>", element.encode(), 1)


def only(data: bytes, role: str = "DV") -> tuple[datetime | None, datetime | None]:
    versions, _ = read_versions(data, role)
    assert len(versions) == 1
    return versions[0].valid_from, versions[0].valid_until


@pytest.mark.rule("7.5.03")
def test_metadata_without_dates_holds_always() -> None:
    assert only(dv_metadata()) == (None, None)


def test_metadata_holds_from_valid_from_up_to_valid_until() -> None:
    versions, _ = read_versions(dv_metadata(attributes=dates(APRIL, MAY)), "DV")
    a_second = timedelta(seconds=1)

    assert (versions[0].valid_from, versions[0].valid_until) == (APRIL, MAY)
    assert in_force(versions, APRIL - a_second) is None
    assert in_force(versions, APRIL) is versions[0]
    assert in_force(versions, MAY - a_second) is versions[0]
    assert in_force(versions, MAY) is None


@pytest.mark.parametrize("version", ["1.9", "1.13", "1.14"])
def test_valid_from_may_stand_in_an_attribute_or_in_extensions(version: str) -> None:
    namespace = f"urn:etoegang:{version}:metadata-extension"
    attribute = f'xmlns:x="{namespace}" x:validFrom="{APRIL.isoformat()}"'

    assert only(dv_metadata(attributes=attribute))[0] == APRIL
    assert only(in_extensions(namespace), "AD")[0] == APRIL


def test_a_word_of_another_namespace_is_no_valid_from() -> None:
    assert only(in_extensions("urn:other"), "AD")[0] is None
    assert only(dv_metadata(attributes='xmlns:x="urn:other" x:validFrom="never"'))[0] is None


def test_the_first_end_of_what_stands_around_it_counts() -> None:
    inner = dv_metadata(attributes=dates(None, MAY))

    assert only(together(inner, attributes=f'validUntil="{APRIL.isoformat()}"'))[1] == APRIL
    assert only(together(dv_metadata(), attributes=f'validUntil="{APRIL.isoformat()}"'))[1] == APRIL
    assert only(dv_metadata(flags=f'validUntil="{APRIL.isoformat()}"'))[1] == APRIL


@pytest.mark.parametrize("moment", ["soon", "2025-04-01T00:00:00", ""])
def test_a_valid_from_that_is_no_moment_is_refused(moment: str) -> None:
    with pytest.raises(DocumentRefused, match="validFrom or validUntil"):
        read_versions(dv_metadata(attributes=f'{_EME} eme:validFrom="{moment}"'), "DV")


@pytest.mark.rule("7.5.11")
def test_of_two_descriptors_the_one_that_holds_is_the_partner() -> None:
    old = dv_metadata(attributes=dates(None, APRIL), keys=key_descriptor("dv"))
    new = dv_metadata(attributes=dates(APRIL), keys=key_descriptor("dv2"))

    for data in (together(old, new), together(new, old)):
        versions, _ = read_versions(data, "DV")
        assert [version.valid_from for version in versions] == [None, APRIL]
        assert in_force(versions, MARCH) is versions[0]
        assert in_force(versions, APRIL) is versions[1]
        assert versions[0].signing != versions[1].signing


def test_where_two_overlap_the_one_that_started_last_is_the_partner() -> None:
    versions, _ = read_versions(
        together(dv_metadata(attributes=dates(MARCH, MAY)), dv_metadata(attributes=dates(APRIL))), "DV"
    )

    assert in_force(versions, APRIL - timedelta(days=1)) is versions[0]
    assert in_force(versions, APRIL) is versions[1]


def test_two_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(DocumentRefused, match="must differ in validFrom"):
        read_versions(together(dv_metadata(), dv_metadata(attributes=dates(None, APRIL))), "DV")


def test_three_of_one_entity_are_refused() -> None:
    three = [dv_metadata(attributes=dates(start)) for start in (MARCH, APRIL, MAY)]

    with pytest.raises(DocumentRefused, match="one EntityDescriptor is needed, found 3 EntityDescriptors"):
        read_versions(together(*three), "DV")


def test_two_of_different_entities_are_refused() -> None:
    other = dv_metadata(
        entity_id="urn:etoegang:DV:00000099000000004000:entities:0002", attributes=dates(APRIL)
    )

    with pytest.raises(DocumentRefused, match="one EntityDescriptor is needed"):
        read_versions(together(dv_metadata(), other), "DV")


def test_what_is_announced_is_let_through_with_a_warning() -> None:
    partner, report = read_metadata(dv_metadata(attributes=dates(APRIL)), "DV", NOW)

    assert partner.valid_from == APRIL
    assert any("validFrom lies ahead (2025-04-01" in finding.reason for finding in report.findings)


def test_what_has_expired_in_each_of_its_descriptors_is_refused() -> None:
    data = together(dv_metadata(attributes=dates(None, MARCH)), dv_metadata(attributes=dates(APRIL, MAY)))

    assert read_metadata(data, "DV", APRIL)[0].valid_from == APRIL
    with pytest.raises(DocumentRefused, match="validUntil has passed"):
        read_metadata(data, "DV", MAY)


@pytest.mark.rule("7.5.10")
@pytest.mark.parametrize(
    ("formats", "able"),
    [
        ([], True),
        (["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"], True),
        (["urn:etoegang:1.9:EntityConcernedID:Pseudo"], True),
        (["urn:etoegang:1.12:EntityConcernedID:BSN", "urn:etoegang:1.12:EntityConcernedID:Pseudo"], True),
        (["urn:etoegang:1.12:EntityConcernedID:BSN"], False),
    ],
)
def test_metadata_says_whether_a_pseudonym_can_be_delivered(formats: list[str], able: bool) -> None:
    written = "".join(f"<md:NameIDFormat>{each}</md:NameIDFormat>" for each in formats)
    data = ad_metadata().replace(b"<md:SingleSignOnService", written.encode() + b"<md:SingleSignOnService")

    assert read_metadata(data, "AD", NOW)[0].identifies_persons is able
