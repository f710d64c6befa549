"""Signature wrapping: a forged assertion stands where software looks, the signed one where only the verifier does.

Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012). The forged one names another
person, so that who is logged in by it is not who logged in.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Final

from lxml import etree

from broker.rehearsals.parts import SIGNATURE
from broker.rehearsals.parts import the_assertion
from broker.rehearsals.parts import unsign
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag

FORGED: Final = "_rehearsal-nobody"
"""The NameID of whoever a forged assertion is about."""

_NAME_ID: Final = f"{tag(SAML, 'Subject')}/{tag(SAML, 'NameID')}"
NewId = Callable[[], str]


def forge(assertion: etree._Element) -> None:
    """Make the assertion one about nobody."""
    for name in assertion.findall(_NAME_ID):
        name.text = FORGED


def beside(response: etree._Element, new_id: NewId) -> None:
    """The forged one before the signed one."""
    signed = the_assertion(response)
    response.insert(response.index(signed), _forged(signed, new_id))


def inside(response: etree._Element, new_id: NewId) -> None:
    """The signed one in Advice of the forged one, which carries its Signature."""
    signed = the_assertion(response)
    forged = _forged(signed, new_id)
    response.replace(signed, forged)
    _carry_signature(signed, forged)
    advice = etree.Element(tag(SAML, "Advice"))
    (conditions,) = forged.findall(tag(SAML, "Conditions"))
    conditions.addnext(advice)
    advice.append(signed)


def extensions(response: etree._Element, new_id: NewId) -> None:
    """The signed one in Extensions of the Response; the forged one, with its Signature and its ID, in its place."""
    signed = the_assertion(response)
    forged = _forged(signed, new_id)
    response.replace(signed, forged)
    _carry_signature(signed, forged)
    holder = etree.Element(tag(SAMLP, "Extensions"))
    holder.append(signed)
    (issuer,) = response.findall(tag(SAML, "Issuer"))
    issuer.addnext(holder)


def in_object(response: etree._Element, new_id: NewId) -> None:
    """The signed one in ds:Object of its own Signature, which the forged one carries.

    It deceives software that takes only the Signature of an element away before it digests; xmlsec does better.
    """
    signed = the_assertion(response)
    forged = _forged(signed, new_id)
    response.replace(signed, forged)
    signature = _carry_signature(signed, forged)
    unsign(signed)
    etree.SubElement(signature, tag(DS, "Object")).append(signed)


def _forged(signed: etree._Element, new_id: NewId) -> etree._Element:
    """A copy about nobody, without a Signature and without Advice, in which every ID is a new one.

    An ID that occurs twice would be reason enough to refuse it.
    """
    copy = deepcopy(signed)
    copy.tail = None
    unsign(copy)
    for advice in copy.findall(tag(SAML, "Advice")):
        copy.remove(advice)
    renamed: dict[str, str] = {}
    for element in copy.iter("{*}*"):
        for name in {"ID", "Id"} & set(element.attrib):
            renamed[f"#{element.get(name)}"] = new_id()
            element.set(name, renamed[f"#{element.get(name)}"])
    for element in copy.iter("{*}*"):
        if (target := renamed.get(element.get("URI", ""))) is not None:
            element.set("URI", f"#{target}")
    forge(copy)
    return copy


def _carry_signature(signed: etree._Element, forged: etree._Element) -> etree._Element:
    """A copy of the Signature of one, in the place where the other would have it."""
    (signature,) = signed.findall(SIGNATURE)
    copy = deepcopy(signature)
    (issuer,) = forged.findall(tag(SAML, "Issuer"))
    issuer.addnext(copy)
    return copy
