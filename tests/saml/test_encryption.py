"""EncryptedIDs: what we make, what we open and what we leave closed."""

import base64
import os
import re
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree

from broker.saml import encryption
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import OpenedId
from broker.saml.encryption import Recipient
from broker.saml.encryption import copy_encrypted
from broker.saml.encryption import decrypt_identifier
from broker.saml.encryption import encrypt_identifier
from broker.saml.encryption import read_encrypted_id
from broker.saml.errors import DecryptionFailed
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import XENC
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.policy import AES256_CBC
from broker.saml.policy import AES256_GCM
from broker.saml.policy import RSA_OAEP_MGF1P
from tests.judges import python_xmlsec_opens
from tests.judges import xmlsec1_opens
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import KVK
from tests.saml.builders import MR
from tests.saml.builders import an_encrypted_id
from tests.saml.builders import new_id
from tests.saml.ciphertext import encrypted_by_hand
from tests.saml.ciphertext import encrypted_by_python_xmlsec
from tests.saml.ciphertext import encrypted_by_xmlsec1

_QUALIFIER = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
_BOTH = [Recipient(DV, certificate("dv")), Recipient(MR, certificate("mr"))]
_PLAIN = b'<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" NameQualifier="urn:q">90000001</saml:NameID>'


def opened(encrypted: EncryptedId, owner: str = "dv", entity_id: str = DV) -> OpenedId:
    return decrypt_identifier(encrypted, signer(owner), entity_id)


def with_change(change: Callable[[bytes], bytes], encrypted: EncryptedId | None = None) -> EncryptedId:
    raw = (encrypted or an_encrypted_id("dv", DV)).raw
    changed = change(raw)
    assert changed != raw
    return EncryptedId(changed, (DV,))


@pytest.mark.rule("3.5.10")
@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="￾￿"), min_size=1))
def test_what_is_encrypted_for_several_is_read_by_each(value: str) -> None:
    encrypted = encrypt_identifier(_QUALIFIER, value, _BOTH, new_id)
    assert opened(encrypted) == OpenedId(_QUALIFIER, value) == opened(encrypted, "mr", MR)


@pytest.mark.rule("3.5.03", "3.5.06")
def test_xmlsec1_and_python_xmlsec_open_what_we_encrypt_for_each_of_two() -> None:
    encrypted = encrypt_identifier(_QUALIFIER, KVK, _BOTH, new_id)
    for tool in (xmlsec1_opens, python_xmlsec_opens):
        for owner in ("dv", "mr"):
            assert f">{KVK}</saml:NameID>".encode() in (tool(encrypted.raw, owner) or b"")
        assert tool(encrypted.raw, "hm") is None


@pytest.mark.parametrize("make", [encrypted_by_xmlsec1, encrypted_by_python_xmlsec])
@pytest.mark.parametrize("data", ["aes256-cbc", "aes256-gcm"])
def test_we_open_what_xmlsec1_and_python_xmlsec_encrypt(make: Callable[..., bytes], data: str) -> None:
    raw = make(_PLAIN, "dv", data)
    assert opened(read_encrypted_id(parse(raw))) == OpenedId("urn:q", "90000001")


@pytest.mark.rule("3.6.01", "3.6.03")
def test_a_copy_has_the_same_ciphertext_under_other_ids_and_opens_the_same() -> None:
    original = encrypt_identifier(_QUALIFIER, KVK, _BOTH[:1], new_id)
    copy = copy_encrypted(original, DV, new_id)
    values = re.compile(rb"CipherValue>([^<]+)<")
    assert values.findall(copy) == values.findall(original.raw)
    ids = re.compile(rb'Id="([^"]+)"')
    assert set(ids.findall(copy)).isdisjoint(ids.findall(original.raw))
    assert opened(EncryptedId(copy, (DV,))).value == KVK
    assert f">{KVK}<".encode() in (xmlsec1_opens(copy, "dv") or b"")


def test_a_copy_does_not_name_the_other_recipients() -> None:
    original = encrypt_identifier(_QUALIFIER, KVK, _BOTH, new_id)
    copy = copy_encrypted(original, DV, new_id)
    assert read_encrypted_id(parse(copy)).recipients == (DV,)
    assert copy.count(b"RetrievalMethod") == 1
    assert MR.encode() not in copy
    assert opened(EncryptedId(copy, (DV,))).value == KVK


@pytest.mark.rule("3.5.03", "3.5.06", "9.22")
def test_the_profile_is_aes256_and_oaep_and_nothing_else() -> None:
    algorithms = {
        node.get("Algorithm")
        for node in parse(an_encrypted_id("dv", DV).raw).iter(tag(XENC, "EncryptionMethod"))
    }
    assert algorithms == {AES256_CBC, RSA_OAEP_MGF1P}


def test_the_value_is_nowhere_in_the_clear_and_hidden_when_shown() -> None:
    encrypted = encrypt_identifier(_QUALIFIER, KVK, _BOTH, new_id)
    assert KVK.encode() not in encrypted.raw
    assert KVK not in repr(opened(encrypted))


def test_nothing_is_encrypted_for_nobody() -> None:
    with pytest.raises(ValueError):
        encrypt_identifier(_QUALIFIER, KVK, [], new_id)


def test_a_key_without_recipient_is_tried_as_well() -> None:
    unnamed = with_change(lambda raw: raw.replace(f' Recipient="{DV}"'.encode(), b""))
    assert opened(unnamed).value == KVK


def test_the_second_key_for_us_is_tried_when_the_first_does_not_fit() -> None:
    recipients = [Recipient(DV, certificate("next")), Recipient(DV, certificate("dv"))]
    assert opened(encrypt_identifier(_QUALIFIER, KVK, recipients, new_id)).value == KVK
    unnamed = encrypt_identifier(_QUALIFIER, KVK, recipients, new_id).raw.replace(
        f' Recipient="{DV}"'.encode(), b""
    )
    assert opened(EncryptedId(unnamed, ())).value == KVK


def test_a_key_for_somebody_else_is_not_tried() -> None:
    with pytest.raises(DecryptionFailed):
        opened(an_encrypted_id("dv", MR))


def test_more_keys_than_the_limit_are_refused_before_any_is_tried() -> None:
    ids = count()
    recipients = [Recipient(DV, certificate("dv"))] * 6
    encrypted = encrypt_identifier(_QUALIFIER, KVK, recipients, lambda: f"_k{next(ids)}")
    with pytest.raises(DecryptionFailed):
        read_encrypted_id(parse(encrypted.raw))


def _swap(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda raw: raw.replace(old.encode(), new.encode())


def _cipher_reference(raw: bytes) -> bytes:
    reference = b'<xenc:CipherReference URI="file:///etc/passwd"/>'
    return re.sub(rb"<xenc:CipherValue>[^<]+</xenc:CipherValue>", reference, raw, count=1)


def _nothing_inside(raw: bytes) -> bytes:
    return re.sub(rb"(CipherValue>)[^<]+<", rb"\1<", raw, count=1)


def _short(raw: bytes) -> bytes:
    return re.sub(rb"(CipherValue>)[^<]+<", rb"\1" + base64.b64encode(b"x" * 16) + b"<", raw, count=1)


def _without_key(raw: bytes) -> bytes:
    return re.sub(rb"<xenc:EncryptedKey.*</xenc:EncryptedKey>", b"", raw)


def _without_method(raw: bytes) -> bytes:
    return re.sub(rb'<xenc:EncryptionMethod Algorithm="[^"]+"/>', b"", raw)


def _stranger_content_key(raw: bytes) -> bytes:
    other = an_encrypted_id("dv", DV).raw
    key = re.search(rb"<xenc:EncryptedKey.*</xenc:EncryptedKey>", other)
    assert key is not None
    return re.sub(rb"<xenc:EncryptedKey.*</xenc:EncryptedKey>", lambda _: key.group(), raw)


@pytest.mark.rule("9.22")
@pytest.mark.parametrize(
    "change",
    [
        _swap("rsa-oaep-mgf1p", "rsa-1_5"),
        _swap("2001/04/xmlenc#rsa-oaep-mgf1p", "2009/xmlenc11#rsa-oaep"),
        _swap("xmldsig#sha1", "xmldsig#md5"),
        _swap("2000/09/xmldsig#sha1", "2001/04/xmlenc#sha256"),
        _swap("aes256-cbc", "tripledes-cbc"),
        _swap("aes256-cbc", "aes128-cbc"),
        _swap("2001/04/xmlenc#aes256-cbc", "2009/xmlenc11#aes256-gcm"),
        _swap("<xenc:CipherValue>", "<xenc:CipherValue>!"),
        _cipher_reference,
        _nothing_inside,
        _short,
        _without_key,
        _without_method,
        _stranger_content_key,
    ],
)
def test_a_structure_outside_the_profile_is_not_opened(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(DecryptionFailed):
        opened(with_change(change))


def test_pkcs1_padding_and_transforms_never_reach_the_key() -> None:
    class Untouchable:
        key_name = "untouchable"

        def unwrap(self, wrapped: bytes) -> bytes:
            raise AssertionError("the key was used")

    for change in (_swap("rsa-oaep-mgf1p", "rsa-1_5"), _swap("aes256-cbc", "tripledes-cbc")):
        with pytest.raises(DecryptionFailed):
            decrypt_identifier(with_change(change), Untouchable(), DV)


@pytest.mark.parametrize(
    "plain",
    [
        b"90000001",
        b"",
        _PLAIN + _PLAIN,
        b"<x/>",
        _PLAIN.replace(b"NameQualifier", b"Other"),
        _PLAIN.replace(b"90000001", b""),
        _PLAIN.replace(b"90000001", b"<x/>"),
        _PLAIN.replace(b"assertion", b"protocol"),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + _PLAIN.replace(b"90000001", b"&e;"),
        _PLAIN.replace(b"90000001", b"9" * 300_000),
        b"<a>" * 100 + b"</a>" * 100,
        an_encrypted_id("dv", DV).raw,
    ],
    ids=range(12),
)
def test_a_plaintext_that_is_not_one_plain_name_id_is_refused(plain: bytes) -> None:
    with pytest.raises(DecryptionFailed):
        opened(EncryptedId(encrypted_by_hand(plain, "dv", DV), (DV,)))


def test_encryption_inside_encryption_is_refused() -> None:
    root = etree.fromstring(an_encrypted_id("dv", DV).raw)
    data = root.find(tag(XENC, "EncryptedData"))
    key_info = root.find(f".//{tag(DS, 'KeyInfo')}")
    assert data is not None
    assert key_info is not None
    key_info.append(etree.fromstring(etree.tostring(data)))
    with pytest.raises(DecryptionFailed):
        read_encrypted_id(root)


def test_every_failure_reads_the_same() -> None:
    raw = an_encrypted_id("dv", DV).raw
    start = raw.index(b"CipherValue>") + len(b"CipherValue>")
    failures = []
    for _ in range(300):
        position = start + int.from_bytes(os.urandom(1), "big") % 190
        changed = (
            raw[:position] + (b"A" if raw[position : position + 1] != b"A" else b"B") + raw[position + 1 :]
        )
        try:
            # Without the signature around it, a character of the value can be turned; that is what signatures are for.
            opened(EncryptedId(changed, (DV,)))
        except DecryptionFailed as error:
            failures.append((str(error), error.__suppress_context__))
    assert set(failures) == {("what was encrypted could not be opened", True)}


@pytest.mark.parametrize("added", range(1, 17))
def test_each_length_of_padding_is_taken_off(added: int) -> None:
    plain = _PLAIN.replace(b"90000001", b"9" * (16 + (16 - added - (len(_PLAIN) - 8)) % 16))
    assert (16 - len(plain) % 16) == added
    assert set(opened(EncryptedId(encrypted_by_hand(plain, "dv", DV), (DV,))).value) == {"9"}


@pytest.mark.parametrize("last", [0, 17, 255])
def test_padding_that_cannot_be_is_refused(last: int) -> None:
    plain = _PLAIN + b" " * (15 - len(_PLAIN) % 16) + bytes([last])
    with pytest.raises(DecryptionFailed):
        opened(EncryptedId(encrypted_by_hand(plain, "dv", DV, padded=True), (DV,)))


class Counting:
    """A decryption key that counts how often it is used."""

    def __init__(self, name: str) -> None:
        self.key_name = signer(name).key_name
        self._name = name
        self.used = 0

    def unwrap(self, wrapped: bytes) -> bytes:
        """As the key itself."""
        self.used += 1
        return signer(self._name).unwrap(wrapped)


@pytest.mark.rule("3.5.10")
@pytest.mark.parametrize("others", [1, 4])
def test_of_several_keys_for_one_recipient_the_named_one_is_taken_at_once(others: int) -> None:
    recipients = [
        *(Recipient(DV, certificate(f"dv-next-{number}")) for number in range(others)),
        Recipient(DV, certificate("dv")),
    ]
    encrypted = encrypt_identifier(_QUALIFIER, KVK, recipients, new_id)
    key = Counting("dv")

    assert decrypt_identifier(encrypted, key, DV).value == KVK
    assert key.used == 1


def test_a_name_written_otherwise_only_costs_another_try() -> None:
    recipients = [Recipient(DV, certificate("dv2")), Recipient(DV, certificate("dv"))]
    encrypted = encrypt_identifier(_QUALIFIER, KVK, recipients, new_id)
    name = certificate("dv").key_name.encode()
    key = Counting("dv")

    assert (
        decrypt_identifier(with_change(lambda raw: raw.replace(name, name.upper()), encrypted), key, DV).value
        == KVK
    )
    assert key.used == 2


def test_an_element_of_another_name_is_not_taken_out() -> None:
    element = parse(an_encrypted_id("dv", DV).raw)
    element.tag = tag(SAML, "NewEncryptedID")
    with pytest.raises(DecryptionFailed):
        read_encrypted_id(element)


def test_what_nobody_has_a_key_for_is_not_taken_out() -> None:
    element = parse(an_encrypted_id("dv", DV).raw)
    for key in element.findall(tag(XENC, "EncryptedKey")):
        element.remove(key)
    with pytest.raises(DecryptionFailed):
        read_encrypted_id(element)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9/secret", "file:///etc/passwd", "", "#another", None])
def test_a_key_that_is_said_to_be_elsewhere_is_not_taken_out(uri: str | None) -> None:
    element = parse(an_encrypted_id("dv", DV).raw)
    read_encrypted_id(element)
    for key_info in element.iter(tag(DS, "KeyInfo")):
        etree.SubElement(key_info, tag(DS, "RetrievalMethod"), {} if uri is None else {"URI": uri})
    with pytest.raises(DecryptionFailed):
        read_encrypted_id(element)


def test_a_name_id_with_elements_behind_its_text_is_refused() -> None:
    plain = _PLAIN.replace(b"90000001", b"90000001<x/>")
    with pytest.raises(DecryptionFailed):
        opened(EncryptedId(encrypted_by_hand(plain, "dv", DV), (DV,)))


def test_more_padding_than_a_block_has_is_refused_even_when_a_name_id_is_left() -> None:
    spaces = 16 + (-len(_PLAIN)) % 16
    plain = _PLAIN + b" " * (spaces - 1) + bytes([spaces])
    assert spaces > 16
    with pytest.raises(DecryptionFailed):
        opened(EncryptedId(encrypted_by_hand(plain, "dv", DV, padded=True), (DV,)))


def test_an_oaep_key_that_does_not_name_its_digest_is_opened() -> None:
    bare = with_change(lambda raw: re.sub(rb"<ds:DigestMethod[^>]*/>", b"", raw))
    assert opened(bare).value == KVK


@pytest.mark.parametrize(
    ("algorithm", "length", "used"),
    [
        ("cbc", 16, 0),
        ("cbc", 31, 0),
        ("cbc", 32, 1),
        ("cbc", 33, 0),
        ("gcm", 27, 0),
        ("gcm", 28, 1),
        ("gcm", 29, 1),
    ],
)
def test_the_key_is_used_only_for_a_ciphertext_of_a_length_that_can_be(
    algorithm: str, length: int, used: int
) -> None:
    value = base64.b64encode(b"x" * length)

    def change(raw: bytes) -> bytes:
        other = re.sub(rb"(CipherValue>)[^<]+<", rb"\1" + value + b"<", raw, count=1)
        return other.replace(AES256_CBC.encode(), AES256_GCM.encode()) if algorithm == "gcm" else other

    key = Counting("dv")
    with pytest.raises(DecryptionFailed):
        decrypt_identifier(with_change(change), key, DV)
    assert key.used == used


@pytest.mark.parametrize(("keys", "used"), [(5, 5), (6, 0)])
def test_keys_that_name_no_key_of_ours_are_all_tried_up_to_the_limit_also_after_one_fits(
    keys: int, used: int
) -> None:
    recipients = [Recipient(DV, certificate("dv")), *[Recipient(DV, certificate("dv2"))] * (keys - 1)]
    encrypted = encrypt_identifier(_QUALIFIER, KVK, recipients, new_id)
    name = certificate("dv").key_name.encode()
    unnamed = with_change(lambda raw: raw.replace(name, b"otherwise"), encrypted)
    key = Counting("dv")

    if used:
        assert decrypt_identifier(unnamed, key, DV).value == KVK
    else:
        with pytest.raises(DecryptionFailed):
            decrypt_identifier(unnamed, key, DV)
    assert key.used == used


def test_padding_that_cannot_be_is_refused_even_when_the_whole_of_it_is_xml() -> None:
    plain = _PLAIN + b" " * (-len(_PLAIN) % 16)
    with pytest.raises(DecryptionFailed):
        opened(EncryptedId(encrypted_by_hand(plain + b" " * 16, "dv", DV, padded=True), (DV,)))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is given to the parser after something was decrypted."""
    given: list[bytes] = []

    def noted(data: bytes) -> etree._Element:
        given.append(data)
        return parse(data)

    monkeypatch.setattr(encryption, "parse_opened", noted)
    return given


@pytest.mark.parametrize("plain", [b"", b"\0", b"\xff", b"<!DOCTYPE x>" + _PLAIN], ids=range(4))
def test_what_no_parser_may_see_costs_the_work_of_a_parser_all_the_same(
    plain: bytes, parsed: list[bytes]
) -> None:
    with pytest.raises(DecryptionFailed):
        opened(EncryptedId(encrypted_by_hand(plain, "dv", DV), (DV,)))
    assert len(parsed) == 1
    assert plain not in parsed or not plain


def test_padding_that_cannot_be_leaves_the_parser_the_whole(parsed: list[bytes]) -> None:
    whole = _PLAIN + b" " * (-len(_PLAIN) % 16 + 48)
    with pytest.raises(DecryptionFailed):
        opened(EncryptedId(encrypted_by_hand(whole, "dv", DV, padded=True), (DV,)))
    assert parsed[0] == whole
    assert len(parsed) == 2


def test_what_is_for_nobody_here_is_not_decrypted(parsed: list[bytes]) -> None:
    with pytest.raises(DecryptionFailed):
        opened(an_encrypted_id("dv", MR))
    assert parsed == []


def test_an_identifier_without_a_key_and_without_a_way_to_one_is_refused() -> None:
    element = parse(an_encrypted_id("dv", DV).raw)
    for name in (tag(XENC, "EncryptedKey"), tag(DS, "RetrievalMethod")):
        for found in list(element.iter(name)):
            parent = found.getparent()
            assert parent is not None
            parent.remove(found)
    with pytest.raises(DecryptionFailed):
        read_encrypted_id(element)
