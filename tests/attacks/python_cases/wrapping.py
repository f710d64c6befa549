"""Signature wrapping over AuthnRequest, Response and Assertion, and originals hidden in other places."""

from collections.abc import Callable
from collections.abc import Mapping
from copy import deepcopy
from functools import partial

from lxml import etree

from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from tests.attacks.case import Case
from tests.attacks.case import unlike
from tests.attacks.forging import PROFILE
from tests.attacks.forging import forge
from tests.attacks.forging import identifier
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.attacks.wrapping import VARIANTS
from tests.attacks.wrapping import Variant
from tests.attacks.wrapping import forged_copy
from tests.saml.builders import hm_assertion
from tests.saml.builders import hm_response
from tests.saml.builders import signed_request

_ASSERTION = tag(SAML, "Assertion")
_HOLDS = "the original is intact somewhere in the document, and a verifier of signatures is asked no more than that"
_INSIDE = "the reference leads to the original inside the Signature, which signxml does not take out of what it digests"


def plain_response() -> bytes:
    """A Response with an assertion that has no other assertions in Advice."""
    return hm_response(hm_assertion(advice=()))


def _whole(make: Callable[[], bytes], variant: Variant) -> bytes:
    return etree.tostring(variant(etree.fromstring(make())))


def _inside(variant: Variant, *, sign_again: bool) -> bytes:
    """Wrap the assertion of a Response; the Response may be signed again, by a makelaar that was fooled itself."""
    response = plain_response()
    root = etree.fromstring(response)
    assertion = root.find(_ASSERTION)
    assert assertion is not None
    root.replace(assertion, variant(assertion))
    wrapped = etree.tostring(root)
    if not sign_again:
        return wrapped
    return forge(wrapped, "hm", template(reference(f"#{identifier(wrapped)}", transforms=PROFILE)))


def _two_assertions(*, forged_first: bool) -> bytes:
    root = etree.fromstring(plain_response())
    assertion = root.find(_ASSERTION)
    assert assertion is not None
    position = root.index(assertion) + (0 if forged_first else 1)
    root.insert(position, forged_copy(assertion))
    wrapped = etree.tostring(root)
    return forge(wrapped, "hm", template(reference(f"#{identifier(wrapped)}")))


def _same_id_twice(*, forged_first: bool) -> bytes:
    root = etree.fromstring(plain_response())
    assertion = root.find(_ASSERTION)
    assert assertion is not None
    root.insert(root.index(assertion) + (0 if forged_first else 1), forged_copy(assertion, keep_id=True))
    return etree.tostring(root)


def _hidden_in(place: str) -> bytes:
    """The signed Response goes into ``place`` of a forged one."""
    signed = etree.fromstring(plain_response())
    evil = forged_copy(signed)
    status = evil.find(tag(SAMLP, "Status"))
    assertion = evil.find(_ASSERTION)
    assert status is not None
    assert assertion is not None
    if place == "StatusDetail":
        etree.SubElement(status, tag(SAMLP, "StatusDetail")).append(deepcopy(signed))
    elif place == "Extensions":
        extensions = etree.Element(tag(SAMLP, "Extensions"))
        extensions.append(deepcopy(signed))
        evil.insert(1, extensions)
    elif place == "Advice":
        conditions = assertion.find(tag(SAML, "Conditions"))
        assert conditions is not None
        advice = etree.Element(tag(SAML, "Advice"))
        advice.append(deepcopy(signed))
        conditions.addnext(advice)
    else:
        original = deepcopy(signed)
        signature = original.find(tag(DS, "Signature"))
        assert signature is not None
        original.remove(signature)
        etree.SubElement(signature, tag(DS, "Object")).append(original)
        evil.insert(1, signature)
    return etree.tostring(evil)


def _holding(prefix: str, name: str) -> Mapping[str, str]:
    """Which judges find that the signatures of a variant hold."""
    if prefix == "assertion" or name == "xsw1":
        return {}  # the Response's own signature is broken; or the original left the digest with its Signature
    if name in {"xsw6", "xsw8"}:
        return unlike(_INSIDE, "signxml")
    return unlike(_HOLDS)


def _variant(prefix: str, what: str, make: Callable[[Variant], bytes], name: str, signer: str) -> Case:
    return Case(
        f"{prefix}-{name}",
        f"{what}, wrapped: {(VARIANTS[name].__doc__ or '').rstrip('.')}",
        "CVE-2020-5390, CVE-2024-45409; On Breaking SAML",
        partial(make, VARIANTS[name]),
        signer,
        InvalidSignature,
        _holding(prefix, name),
    )


CASES = [
    *(_variant("request", "AuthnRequest", partial(_whole, signed_request), name, "dv") for name in VARIANTS),
    *(_variant("response", "Response", partial(_whole, plain_response), name, "hm") for name in VARIANTS),
    *(
        _variant("assertion", "Assertion", partial(_inside, sign_again=False), name, "hm")
        for name in VARIANTS
    ),
    *(
        _variant(
            "assertion-resigned",
            "Assertion in a Response signed again",
            partial(_inside, sign_again=True),
            name,
            "hm",
        )
        for name in VARIANTS
    ),
    *(
        Case(
            f"two-assertions-{word}",
            f"A second, unsigned assertion {word} the signed one, in a Response signed again",
            "response_with_doubled_signed_assertion (ruby-saml)",
            partial(_two_assertions, forged_first=first),
            "hm",
            MalformedMessage,
            unlike("both signatures hold; that there may be one assertion only is a rule of the profile"),
        )
        for word, first in (("before", True), ("after", False))
    ),
    *(
        Case(
            f"same-id-{word}",
            f"A forged assertion with the ID of the signed one {word} it",
            "SAML core 1.3.4; CVE-2017-11427 family",
            partial(_same_id_twice, forged_first=first),
            "hm",
            MalformedMessage,
        )
        for word, first in (("before", True), ("after", False))
    ),
    *(
        Case(
            f"hidden-in-{place.lower()}",
            f"A signed Response inside {place} of a forged one",
            "XmlSignatureWrappingTest (simplesamlphp/saml2)",
            partial(_hidden_in, place),
            "hm",
            InvalidSignature,
            unlike(_INSIDE, "signxml") if place == "Object" else unlike(_HOLDS),
        )
        for place in ("Extensions", "Object", "StatusDetail", "Advice")
    ),
]
