"""Signing a message: as the profile wants it, or in any other shape."""

from lxml import etree

from broker.attacks.draft import Draft
from broker.attacks.draft import find
from broker.attacks.forging import Shape
from broker.attacks.forging import fill
from broker.attacks.forging import make_signature
from broker.attacks.forging import place
from broker.attacks.forging import prefix_list
from broker.attacks.forging import transform
from broker.attacks.forging import unsigned
from broker.attacks.scene import Actor
from broker.attacks.steps import step
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from broker.saml.policy import RSA_SHA256
from broker.saml.policy import SHA256

_PROFILE = ("enveloped", "exclusive")


@step
def sign(
    draft: Draft,
    by: str | None = None,
    at: str = ".",
    prefixes: str | None = None,
    method: str = RSA_SHA256,
    method_inside: str = "",
    digest: str = SHA256,
    digest_inside: str = "",
    c14n: str = EXC_C14N,
    c14n_inside: str = "",
    transforms: list[str] | None = None,
    references: list[str] | None = None,
    key_info: str | None = None,
    hmac_key: str = "",
    stub: bool = False,
    mislabelled: bool = False,
) -> None:
    """Sign the message, or the element in it ``at`` a place, in the stead of the signature that it has.

    ``by`` is another actor than who says it. ``prefixes`` fills the PrefixList of the reference; by default an
    assertion lists those that occur in its values. ``transforms`` are ``enveloped``, ``exclusive``, another algorithm,
    or XML; ``references`` are URIs, in which ``~`` stands for the ID of the element. The others are as in
    ``forging.Shape``; without ``key_info`` the KeyName of the signer stands there.
    """
    actor = draft.said_by if by is None else draft.scene.actor(by)

    def change(root: etree._Element) -> None:
        element = unsigned(find(root, at))
        target = element.get("ID", "")
        listed = _listed(element) if prefixes is None else prefixes
        named = _PROFILE if transforms is None else transforms
        known = {"enveloped": transform(ENVELOPED), "exclusive": transform(EXC_C14N, prefix_list(listed))}
        shape = Shape(
            method=method,
            method_inside=method_inside,
            digest=digest,
            digest_inside=digest_inside,
            c14n=c14n,
            c14n_inside=c14n_inside,
            transforms="".join(known.get(each) or _transform(each) for each in named),
            references=tuple(each.replace("~", target) for each in references or ()),
            key_info=_key_name(actor) if key_info is None else key_info,
            secret=hmac_key.encode(),
            stub=stub,
            mislabelled=mislabelled,
        )
        signature = make_signature(shape, target)
        place(element, signature)
        fill(signature, actor, shape)

    draft.edit(change)


@step
def drop_signature(draft: Draft, at: str = ".") -> None:
    """Take away the signature of an element."""

    def change(root: etree._Element) -> None:
        unsigned(find(root, at))

    draft.edit(change)


def _listed(element: etree._Element) -> str:
    """The prefixes that occur in values of an assertion, as the product lists them."""
    return "xs xacml-saml" if etree.QName(element).localname == "Assertion" else ""


def _transform(written: str) -> str:
    return written if written.startswith("<") else transform(written)


def _key_name(actor: Actor) -> str:
    return f"<ds:KeyInfo><ds:KeyName>{actor.certificate.key_name}</ds:KeyName></ds:KeyInfo>"
