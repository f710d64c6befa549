"""Signatures that hold, in every shape but the one that the profile allows."""

import base64
import hashlib
from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree

from broker.saml.errors import InvalidSignature
from broker.saml.names import DS
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.policy import EXC_C14N
from broker.saml.signature import canonicalise
from broker.saml.signature import verify
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import signed_request


def signed_by_hand(change: Callable[[etree._Element], None], key: str = "dv") -> bytes:
    """A request of which the Signature was changed before SignedInfo was signed, so that its value holds."""
    root = etree.fromstring(signed_request())
    signature = root.find(tag(DS, "Signature"))
    assert signature is not None
    change(signature)
    value = base64.b64encode(signer(key).sign(canonicalise(signature[0]))).decode()
    signature[1].text = value
    return etree.tostring(root)


def inside(name: str, *children: str) -> Callable[[etree._Element], None]:
    """Puts elements in each element of this name."""

    def change(signature: etree._Element) -> None:
        for element in list(signature.iter(tag(DS, name))):
            for child in children:
                element.append(etree.fromstring(child))

    return change


def _prefixes(listed: str, within: str = "") -> str:
    return f'<ec:InclusiveNamespaces xmlns:ec="{EXC_C14N}" PrefixList="{listed}">{within}</ec:InclusiveNamespaces>'


def in_the_last_transform(*children: str) -> Callable[[etree._Element], None]:
    """Puts parameters in the canonicalisation of the content."""

    def change(signature: etree._Element) -> None:
        last = list(signature.iter(tag(DS, "Transform")))[-1]
        for old in list(last):
            last.remove(old)
        for each in children:
            last.append(etree.fromstring(each))

    return change


@pytest.mark.parametrize(
    "change",
    [
        inside("DigestMethod", "<x/>"),
        inside("SignatureMethod", "<x/>"),
        inside("DigestValue", "<x/>"),
        in_the_last_transform(_prefixes(""), _prefixes("")),
        in_the_last_transform(_prefixes("", "<x/>")),
        in_the_last_transform("<x/>"),
        in_the_last_transform('<x PrefixList=""/>'),
        lambda signature: next(signature.iter(tag(DS, "Transform"))).set("Algorithm", EXC_C14N),
    ],
)
def test_a_signature_that_holds_is_refused_for_what_it_has_too_much(
    change: Callable[[etree._Element], None],
) -> None:
    message = parse(signed_by_hand(change))
    with pytest.raises(InvalidSignature):
        verify(message, [certificate("dv")], DV)


@pytest.mark.parametrize("change", [lambda _: None, in_the_last_transform(_prefixes(""))])
def test_a_signature_made_by_hand_holds_when_it_has_nothing_too_much(
    change: Callable[[etree._Element], None],
) -> None:
    assert verify(parse(signed_by_hand(change)), [certificate("dv")], DV).signer == DV


def test_attributes_of_signed_info_are_those_of_the_schema() -> None:
    def named(attribute: str) -> bytes:
        return signed_by_hand(lambda signature: signature[0].set(attribute, "_info"))

    assert verify(parse(named("Id")), [certificate("dv")], DV).signer == DV
    with pytest.raises(InvalidSignature, match="attributes"):
        verify(parse(named("madeup")), [certificate("dv")], DV)


def test_a_signature_value_followed_by_an_element_is_refused() -> None:
    message = signed_request().replace(b"</ds:SignatureValue>", b"<ds:X/></ds:SignatureValue>")
    with pytest.raises(InvalidSignature, match="holds elements"):
        verify(parse(message), [certificate("dv")], DV)


@pytest.mark.parametrize("value", ["\u00e9", "abc"])
def test_a_signature_value_that_is_no_base64_is_refused(value: str) -> None:
    root = parse(signed_request())
    found = root.find(f".//{tag(DS, 'SignatureValue')}")
    assert found is not None
    found.text = value
    with pytest.raises(InvalidSignature, match="not base64"):
        verify(root, [certificate("dv")], DV)


@pytest.mark.parametrize("identifier", [None, ""])
def test_what_has_no_id_cannot_be_what_is_signed(identifier: str | None) -> None:
    element = etree.fromstring("<a/>" if identifier is None else '<a ID=""/>')
    wanted = f"#{identifier}"
    digest = base64.b64encode(hashlib.sha256(canonicalise(element)).digest()).decode()
    element.append(template(reference(wanted, value=digest)))
    signature = element[0]
    signature[1].text = base64.b64encode(signer("dv").sign(canonicalise(signature[0]))).decode()
    with pytest.raises(InvalidSignature, match="does not point"):
        verify(parse(etree.tostring(element)), [certificate("dv")], DV)


def test_a_refusal_says_whether_there_is_no_signature_or_one_too_many() -> None:
    root = etree.fromstring(signed_request())
    signature = root.find(tag(DS, "Signature"))
    assert signature is not None
    root.remove(signature)
    with pytest.raises(InvalidSignature, match="not signed"):
        verify(root, [certificate("dv")], DV)
    root.extend([signature, deepcopy(signature)])
    with pytest.raises(InvalidSignature, match="more than one"):
        verify(root, [certificate("dv")], DV)


def test_a_prefix_that_no_document_has_used_before_is_signed_all_the_same() -> None:
    element = etree.Element("a", nsmap={"neverseen": "urn:n"})
    assert canonicalise(element, ["neverseen"]) == b'<a xmlns:neverseen="urn:n"></a>'
