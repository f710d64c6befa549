"""The messages that cases begin with: whole, valid, and still to be signed.

They are written by the product itself, so that a case which changes nothing must be accepted.
"""

from datetime import timedelta

from lxml import etree

from broker.attacks.draft import Draft
from broker.attacks.steps import step
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.levels import LevelOfAssurance
from broker.domain.plain_identity import NOTHING_IN_CLEAR
from broker.domain.plain_identity import PlainIdentity
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import write_artifact_resolve
from broker.saml.artifact_resolution import write_artifact_response
from broker.saml.assertion import Frame
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import write_authentication
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import write_authn_request
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import write_authorization
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.response import Response
from broker.saml.response import signature_value
from broker.saml.response import write_response
from broker.saml.soap import wrap
from broker.saml.status import Status

_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
_ASSERTION_LASTS = timedelta(minutes=2)
KVK_QUALIFIER = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
PSEUDONYM_QUALIFIER = "urn:etoegang:1.12:EntityConcernedID:PseudoID"
KVK, PSEUDONYM, PERSON = "90000001", "91c6c1f0" * 8, "anna"
IN_CLEAR = PlainIdentity(Pseudonym(PSEUDONYM), {IdentifierType.KVKNR: KvkNumber(KVK)})
IDENTIFIERS = (KVK, PSEUDONYM, PERSON)
"""What is only ever said encrypted, but to who takes it in clear."""


@step
def authn_request(
    draft: Draft,
    by: str = "dv",
    level: str | None = None,
    service: int | None = None,
    path: str = "/sso/1.13",
    force: bool = True,
) -> None:
    """An AuthnRequest of a dienstverlener for its service."""
    scene = draft.scene
    draft.actor = scene.actor(by)
    draft.message = etree.tostring(
        write_authn_request(
            AuthnRequest(
                id=scene.new_id(),
                issue_instant=scene.clock(),
                issuer=draft.actor.entity_id,
                destination=scene.target + path,
                acs_index=1,
                service_index=scene.service.index if service is None else service,
                force_authn=force,
                level=LevelOfAssurance.from_short(level or scene.service.level),
            )
        )
    )


@step
def ad_assertion(
    draft: Draft,
    by: str = "ad",
    level: str | None = None,
    registry: str = "mr",
    acting_for: str | None = None,
    authn_instant: int = 0,
) -> None:
    """The assertion of an authenticatiedienst; ``acting_for`` who the person is encrypted for, else the register."""
    scene = draft.scene
    draft.actor = scene.actor(by)
    draft.message = etree.tostring(
        write_authentication(
            AuthenticationAssertion(
                frame=_frame(draft, audiences=(scene.makelaar, scene.actor(registry).entity_id), bearer=True),
                authn_instant=scene.clock() + timedelta(seconds=authn_instant),
                level=LevelOfAssurance.from_short(level or scene.service.level),
                authority=draft.actor.entity_id.split(":")[3],
                representation=True,
                service_uuid=scene.service.service_uuid,
                registry=scene.actor(registry).entity_id,
                acting_subject=(_encrypted(draft, acting_for or registry, PERSON, INTERNAL_PSEUDONYM),),
            )
        )
    )


@step
def mr_assertion(
    draft: Draft,
    by: str = "mr",
    level: str | None = None,
    acting_for: str = "dv",
    legal_for: str = "dv",
    intermediate_for: str | None = None,
    confirm_at: str | None = None,
    about: str = "authentication",
    vestiging: str | None = None,
    subdossier: str | None = None,
    decision: str = "Permit",
    in_clear: bool = False,
) -> None:
    """The assertion of a machtigingenregister about the login under way; ``in_clear`` says it in clear as well.

    ``acting_for``, ``legal_for`` and ``intermediate_for`` are who each identifier is encrypted for; ``confirm_at`` is
    the register that must confirm a chain, and such a confirmation is ``about`` the ``authorization``, not the login.
    """
    scene = draft.scene
    draft.actor = scene.actor(by)
    rests_on = scene.question.authorization if about == "authorization" else scene.question.authentication
    linked = etree.fromstring(rests_on)
    asked = LevelOfAssurance.from_short(scene.service.level)
    element = write_authorization(
        AuthorizationAssertion(
            frame=_frame(draft, name_id=linked.findtext(f"{tag(SAML, 'Subject')}/{tag(SAML, 'NameID')}", "")),
            assertion_id_ref=linked.get("ID", ""),
            linked_signature_value=signature_value(rests_on),
            service_id=scene.service.service_id,
            service_uuid=scene.service.service_uuid,
            level_asked=asked,
            level_used=LevelOfAssurance.from_short(level) if level else asked,
            acting_subject=(_encrypted(draft, acting_for, PSEUDONYM, PSEUDONYM_QUALIFIER),),
            legal_subject=(_encrypted(draft, legal_for, KVK, KVK_QUALIFIER),),
            intermediate_subject=(
                () if intermediate_for is None else (_encrypted(draft, intermediate_for, KVK, KVK_QUALIFIER),)
            ),
            vestiging=vestiging,
            subdossier=subdossier,
            decision=decision,
            plain=IN_CLEAR if in_clear else NOTHING_IN_CLEAR,
            confirm_at=None if confirm_at is None else scene.actor(confirm_at).entity_id,
        ),
        scene.makelaar,
    )
    draft.message = etree.tostring(element)


@step
def earlier_response(draft: Draft, by: str = "ad") -> None:
    """The Response that answered the login before, signed as it was."""
    draft.actor = draft.scene.actor(by)
    draft.message = draft.scene.before.response


@step
def earlier_assertion(draft: Draft, by: str = "ad") -> None:
    """The assertion in the answer to the login before, signed as it was."""
    draft.actor = draft.scene.actor(by)
    draft.message = draft.scene.before.assertion


@step
def in_response(draft: Draft, status: str = "Success", by: str | None = None) -> None:
    """Put the message, an assertion, in an unsigned Response to the question."""
    _respond(draft, draft.message, status, by)


@step
def response_without_assertion(
    draft: Draft, by: str, status: str = "Responder/AuthnFailed", reason: str | None = None
) -> None:
    """An unsigned Response to the question that holds no assertion; ``reason`` is our machine-readable one."""
    _respond(draft, None, status, by, reason)


@step
def artifact_resolve(draft: Draft, artifact: str, by: str = "dv") -> None:
    """An ArtifactResolve, unsigned, without envelope."""
    scene = draft.scene
    draft.actor = scene.actor(by)
    resolve = ArtifactResolve(scene.new_id(), scene.clock(), draft.actor.entity_id, artifact)
    draft.message = etree.tostring(write_artifact_resolve(resolve))


@step
def in_artifact_response(draft: Draft, by: str, in_response_to: str = "_resolve") -> None:
    """Put the message in an unsigned ArtifactResponse."""
    scene = draft.scene
    draft.actor = scene.actor(by)
    draft.message = etree.tostring(
        write_artifact_response(
            response_id=scene.new_id(),
            in_response_to=in_response_to,
            now=scene.clock(),
            issuer=draft.actor.entity_id,
            message=draft.message,
        )
    )


@step
def in_soap(draft: Draft) -> None:
    """Put the message in a SOAP envelope."""
    draft.message = wrap(draft.message)


def _respond(
    draft: Draft, assertion: bytes | None, codes: str, by: str | None, reason: str | None = None
) -> None:
    scene = draft.scene
    draft.actor = scene.actor(by) if by else draft.said_by
    top, _, second = codes.partition("/")
    response = Response(
        id=scene.new_id(),
        in_response_to=scene.question.id,
        issue_instant=scene.clock(),
        issuer=draft.actor.entity_id,
        destination=scene.question.consumer,
        status=Status(_STATUS + top, _STATUS + second if second else None, None, reason),
    )
    draft.message = etree.tostring(write_response(response, assertion))


def _frame(
    draft: Draft, *, audiences: tuple[str, ...] = (), bearer: bool = False, name_id: str | None = None
) -> Frame:
    scene, now = draft.scene, draft.scene.clock()
    return Frame(
        id=scene.new_id(),
        issue_instant=now,
        issuer=draft.said_by.entity_id,
        name_id=name_id or scene.question.name_id,
        name_qualifier=draft.said_by.entity_id,
        not_before=now - timedelta(seconds=5),
        not_on_or_after=now + _ASSERTION_LASTS,
        audiences=audiences,
        in_response_to=scene.question.id if bearer else None,
        recipient=scene.question.consumer if bearer else None,
    )


def _encrypted(draft: Draft, recipient: str, value: str, qualifier: str) -> EncryptedId:
    actor = draft.scene.actor(recipient)
    return encrypt_identifier(
        qualifier, value, [Recipient(actor.entity_id, actor.certificate)], draft.scene.new_id
    )
