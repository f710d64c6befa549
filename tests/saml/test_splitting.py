"""Documents about many are taken apart piece by piece, within limits, and refused where they are not plain XML."""

import io
from collections.abc import Iterator

import pytest

from broker.saml import splitting
from broker.saml.errors import SamlError
from broker.saml.names import MD
from broker.saml.names import tag
from broker.saml.policy import LIMITS
from broker.saml.splitting import entities
from broker.saml.splitting import holds_many
from broker.saml.splitting import providers

ENTITY = tag(MD, "EntityDescriptor")
HEAD = b'<m:EntitiesDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata">'
TAIL = b"</m:EntitiesDescriptor>"


def names(data: bytes) -> list[str]:
    return [each.name for each in entities(io.BytesIO(data))]


def test_each_comes_with_its_line_and_is_whole_by_itself() -> None:
    first, second = entities(
        io.BytesIO(HEAD + b'\n<m:EntityDescriptor entityID="a"/>\n<m:EntityDescriptor entityID="b"/>' + TAIL)
    )
    assert (first.name, first.line, second.name, second.line) == ("a", 2, "b", 3)
    assert second.document.startswith(b"<m:EntityDescriptor xmlns:m=")
    assert second.document.endswith(b"/>")


def test_groups_within_groups_are_gone_through() -> None:
    inner = HEAD + b'<m:EntityDescriptor entityID="b"/>' + TAIL
    assert names(HEAD + inner + b'<m:EntityDescriptor entityID="c"/>' + TAIL) == ["b", "c"]


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + HEAD + TAIL,
        HEAD + b"<m:EntityDescriptor" + TAIL,
        HEAD.decode().encode("utf-16"),
        b"",
    ],
    ids=["DTD", "broken", "UTF-16", "empty"],
)
def test_what_is_no_plain_xml_is_refused(data: bytes) -> None:
    with pytest.raises(SamlError):
        names(data)


def test_one_that_goes_on_for_ever_is_refused_before_it_is_in_memory() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return HEAD + b"<m:EntityDescriptor>" if self.given == size else b"<a/>" * (size // 4)

    file = Endless()
    with pytest.raises(SamlError, match="for one of many"):
        names_of(entities(file))  # type: ignore[arg-type]  # all that is used of a file
    assert file.given < 2 * LIMITS.metadata_bytes


def test_one_may_be_as_large_as_a_document_by_itself() -> None:
    sizes: list[int] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sizes.append(size or 0)
            return super().read(size)

    list(entities(Watched(HEAD + TAIL)))
    begin, end = HEAD + b'<m:EntityDescriptor entityID="a"><a>', b"</a></m:EntityDescriptor>"
    # What was read together with it is counted along.
    longest = LIMITS.metadata_bytes + sizes[0] - len(begin) - len(end)

    assert names(begin + b"x" * longest + end + TAIL) == ["a"]
    with pytest.raises(SamlError, match="for one of many"):
        names(begin + b"x" * (longest + 1) + end + TAIL)


def test_what_was_read_is_not_kept_and_neither_is_the_signature_over_all() -> None:
    many = b'<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/>' + b"<m:EntityDescriptor/>" * 3
    before = [
        element.xpath("count(preceding::* | preceding-sibling::text())")
        for element in splitting._elements(io.BytesIO(HEAD + b"text" + many + TAIL), ENTITY)
    ]
    assert before == [0, 0, 0]


def test_a_signature_of_one_stays_with_it() -> None:
    signed = (
        b'<m:EntityDescriptor entityID="a"><s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/>'
        b"</m:EntityDescriptor>"
    )
    (one,) = entities(io.BytesIO(HEAD + signed + TAIL))
    assert b"Signature" in one.document


def test_a_document_about_one_is_one_of_many_too_and_a_signature_is_none() -> None:
    assert names(b'<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata" entityID="a"/>') == [
        "a"
    ]
    assert names(b'<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/>') == []


@pytest.mark.parametrize(
    "around", [(b"", b""), (b"<other>", b"</other>")], ids=["nothing", "another element"]
)
def test_a_provider_stands_in_a_catalogue(around: tuple[bytes, bytes]) -> None:
    provider = b'<c:ServiceProvider xmlns:c="urn:etoegang:1.13:service-catalog"/>'
    with pytest.raises(SamlError, match="outside of a ServiceCatalogue"):
        list(providers(io.BytesIO(provider.join(around))))


def names_of(parts: Iterator[object]) -> int:
    return sum(1 for _ in parts)


def test_a_catalogue_of_many_becomes_catalogues_of_one_without_the_signature_over_all() -> None:
    data = (
        b'<c:ServiceCatalogue xmlns:c="urn:etoegang:1.13:service-catalog" c:Version="v" ID="a">'
        b'<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/>'
        b"<c:ServiceProvider><c:ServiceProviderID>1</c:ServiceProviderID></c:ServiceProvider>"
        b"<c:ServiceProvider><c:ServiceProviderID>2</c:ServiceProviderID></c:ServiceProvider>"
        b"</c:ServiceCatalogue>"
    )
    first, second = providers(io.BytesIO(data))
    assert (first.name, second.name) == ("1", "2")
    assert b'Version="v"' in second.document
    assert b"Signature" not in first.document
    assert second.document.count(b"<c:ServiceProvider>") == 1


def test_only_a_file_that_begins_as_one_of_many_is_one() -> None:
    assert holds_many(b'<?xml version="1.0"?>\n<!-- a -->' + HEAD)
    assert not holds_many(b'<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata">')
    assert not holds_many(b"<!DOCTYPE a>" + HEAD)
    assert not holds_many(b"\x1f\x8b")
    assert not holds_many(b"<a></b>" + HEAD)
