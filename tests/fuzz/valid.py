"""One valid message of each kind."""

from collections.abc import Callable

from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import AskedAttribute
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.plain_identity import PlainIdentity
from broker.domain.services import VESTIGING_RESTRICTION
from broker.exchange.own import random_id
from broker.saml.artifact import Artifact
from broker.saml.artifact import source_id
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.authn_request import write_authn_request
from broker.saml.authorization import write_authorization
from broker.saml.catalogue import make_network_catalogue
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import encrypt_attribute
from broker.saml.encryption import Recipient
from broker.saml.logout import LogoutResponse
from broker.saml.logout import write_logout_response
from broker.saml.metadata import read_metadata
from broker.saml.names import SAML
from broker.saml.parsing import serialise
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.soap import wrap
from broker.saml.status import SUCCESS
from broker.saml.status import authn_failed
from tests import beheerorganisatie
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.fuzz import doors
from tests.keys import certificate
from tests.keys import signer
from tests.saml import builders
from tests.saml import documents
from tests.saml import identity_provider
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW


def response_of(party: str, issuer: str, assertions: tuple[Callable[[], bytes], ...]) -> bytes:
    """A Response of a party with these assertions."""
    response = builders.a_response(
        issuer=issuer, destination="https://hm.example.nl/acs", in_response_to="_hm2ad"
    )
    first, *further = (each() for each in assertions)
    return make_response(response, first, signer(party), further)


def refusal() -> bytes:
    """A Response that says the person cancelled."""
    status = authn_failed("De gebruiker heeft geannuleerd.", "geannuleerd")
    return make_response(builders.a_response(issuer=AD, status=status), None, signer("ad"))


def also_signed_by_ad() -> bytes:
    """A decision by an authenticatiedienst, as a berichtenservice gives."""
    assertion = builders.an_authorization(frame=builders.a_frame(AD))
    return make_assertion(write_authorization(assertion, HM), signer("ad"))


def unsigned_request() -> bytes:
    """An AuthnRequest without signature, for HTTP-Redirect."""
    return serialise(write_authn_request(builders.an_authn_request()))


def scoped_request() -> bytes:
    """An AuthnRequest that names an authenticatiedienst."""
    return builders.signed_request(idp_list=(AD,), provider_name="Gemeente Voorbeeld", protocol_binding=None)


def logout_answer() -> bytes:
    """A LogoutResponse without signature, for HTTP-Redirect."""
    answer = LogoutResponse(
        builders.new_id(), "_asked", NOW, AD, "https://hm.example.nl/slo/ad/1.13", SUCCESS
    )
    return serialise(write_logout_response(answer))


def resolve() -> bytes:
    """An ArtifactResolve in SOAP."""
    artifact = Artifact(0, source_id(HM), b"\1" * 20).encode()
    asked = ArtifactResolve(builders.new_id(), NOW, DV, artifact, "https://hm.example/ars")
    return wrap(make_artifact_resolve(asked, signer("dv")))


def plain_answer(sign: str) -> bytes:
    """The answer of a plain identity provider, of which ``sign`` says what is signed."""
    answer = identity_provider.Answer(doors.IDP_REQUEST, doors.IDP_ACS, AD, NOW, sign=sign)
    return answer.response()


def network_catalogue() -> bytes:
    """The dienstencatalogus of all."""
    partner, _ = read_metadata(metadata_of("dv"), "DV", NOW)
    return make_network_catalogue(
        [(catalogue_of("dv"), partner)], catalogue_id="_all", version="1", now=NOW, key=signer("hm")
    )


def network_metadata() -> bytes:
    """An edition of the network metadata."""
    berichtenservice = beheerorganisatie.entity("EB")
    group = beheerorganisatie.group
    return beheerorganisatie.edition(
        group(beheerorganisatie.ADS, beheerorganisatie.entity("AD")),
        group(beheerorganisatie.MRS, beheerorganisatie.entity("MR")),
        group(beheerorganisatie.EBS, berichtenservice, attributes='validUntil="2026-01-01T00:00:00Z"'),
    )


def encrypted_id() -> bytes:
    """An EncryptedID for the dienstverlener."""
    return builders.an_encrypted_id("dv", DV).raw


def name_id() -> bytes:
    """What is inside one."""
    return f'<saml:NameID xmlns:saml="{SAML}" NameQualifier="urn:q">90000001</saml:NameID>'.encode()


def encrypted_attribute() -> bytes:
    """An EncryptedAttribute for the dienstverlener."""
    return encrypt_attribute("urn:n", "Jan", [Recipient(DV, certificate("dv"))], random_id).raw


_ASKED = (AskedAttribute(FIRST_NAME, is_required=True), AskedAttribute(COMPANY_NAME))


def full_request() -> bytes:
    """An AuthnRequest with everything in Extensions."""
    return builders.signed_request(
        service_uuid=builders.SERVICE_UUID, intended_audience=DV, requested_attributes=_ASKED
    )


def full_question() -> bytes:
    """A decision query to a second register: two assertions, attributes, identifiers in clear."""
    assertions = (builders.ad_assertion(), builders.mr_assertion())
    return wrap(builders.signed_query(assertions=assertions, wants_plain=True, requested_attributes=_ASKED))


def full_assertion_of_mr() -> bytes:
    """The first link of a chain: everything a register can say at once."""
    plain = PlainIdentity(
        pseudonym=Pseudonym("ab" * 32),
        concerned={IdentifierType.KVKNR: KvkNumber("90000001")},
        intermediary=KvkNumber("90000003"),
    )
    return builders.mr_assertion(
        intermediate_subject=(builders.an_encrypted_id("dv", DV, "90000003"),),
        vestiging="000090000011",
        subdossier="0001",
        confirm_at=MR,
        plain=plain,
        attributes=(EncryptedAttribute(encrypted_attribute(), (DV,)),),
        other_services=(f"{builders.SERVICE_ID}1",),
    )


def full_catalogue() -> bytes:
    """A dienstencatalogus with a portal, restrictions, attributes, intermediation and a key of its own."""
    more = (
        f"<esc:ServiceCertificate>{documents.key_descriptor('dv', 'encryption')}</esc:ServiceCertificate>"
        "<esc:PortalForService>0e5d3c4b</esc:PortalForService>"
    )
    restriction = f"<esc:ServiceRestrictionsAllowed>{VESTIGING_RESTRICTION}</esc:ServiceRestrictionsAllowed>"
    return documents.catalogue(
        definitions=documents.definition(more=restriction),
        instances=documents.instance(portal=' esc:IsPortal="1"', more=more),
    )
