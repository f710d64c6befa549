"""How the product receives each kind of message: what it reads, or the error with which it refuses.

Through the same doors as in the product (``exchange.receiving`` and what lies behind it), so that what is accepted
here would be believed there.
"""

from functools import cache

from broker.domain.connection import Profile
from broker.exchange.incoming import Incoming
from broker.exchange.incoming import read_incoming
from broker.exchange.receiving import open_checked
from broker.ports import Role
from broker.saml.artifact_resolution import open_artifact_response
from broker.saml.artifact_resolution import read_artifact_resolve
from broker.saml.authentication import read_authentication
from broker.saml.authn_request import read_authn_request
from broker.saml.authorization import is_authorization
from broker.saml.authorization import read_authorization
from broker.saml.catalogue import read_catalogue
from broker.saml.catalogue import read_network_catalogue
from broker.saml.decision_query import read_decision_query
from broker.saml.declaration import read_declaration
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import decrypt_attribute
from broker.saml.encryption import decrypt_identifier
from broker.saml.encryption import read_encrypted
from broker.saml.encryption import read_encrypted_id
from broker.saml.errors import SamlError
from broker.saml.logout import read_logout_request
from broker.saml.logout import read_logout_response
from broker.saml.metadata import read_metadata
from broker.saml.network_metadata import read_network_metadata
from broker.saml.parsing import parse
from broker.saml.plain_identity import open_plain_response
from broker.saml.reading import issuer
from broker.saml.signature import Verified
from broker.saml.signature import verify
from broker.saml.soap import unwrap
from tests import beheerorganisatie
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import Network
from tests.exchange.builders import metadata_of
from tests.keys import certificate
from tests.keys import signer
from tests.saml import identity_provider
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW

ARTIFACT_REQUEST = "_resolve"
IDP_REQUEST, IDP_ACS = "_asked", "https://ad.example.nl/delegated/acs"
RELAY_STATE = "state"


class NobodyLoggedIn(SamlError):
    """A plain identity provider says that there is no login: nobody gains by it, so it need not be signed."""

    code = "no login"


@cache
def network() -> Network:
    """Five stations that know each other."""
    return Network()


def _form(wire: bytes, field: str) -> Incoming:
    pairs = [(field, wire.decode("utf-8", "replace")), ("RelayState", RELAY_STATE)]
    return read_incoming("", pairs, field)


def _query(wire: bytes, field: str) -> Incoming:
    return read_incoming(wire.decode("latin-1"), (), field)


def _embedded(assertion: Verified) -> object:
    return assertion.signer, assertion.signature_value, assertion.raw


def _request(incoming: Incoming) -> object:
    partner, verified = network()["hm"].receiver.request(incoming, Role.DV)
    return partner.entity_id, incoming.relay_state, read_authn_request(verified.element)


def posted_request(wire: bytes) -> object:
    """An AuthnRequest by HTTP-POST."""
    return _request(_form(wire, "SAMLRequest"))


def redirected_request(wire: bytes) -> object:
    """An AuthnRequest by HTTP-Redirect."""
    return _request(_query(wire, "SAMLRequest"))


def _logout(incoming: Incoming) -> object:
    partner, verified = network()["hm"].receiver.request(incoming, Role.DV)
    return partner.entity_id, incoming.relay_state, read_logout_request(verified.element)


def posted_logout(wire: bytes) -> object:
    """A LogoutRequest by HTTP-POST."""
    return _logout(_form(wire, "SAMLRequest"))


def redirected_logout(wire: bytes) -> object:
    """A LogoutRequest by HTTP-Redirect."""
    return _logout(_query(wire, "SAMLRequest"))


def redirected_logout_answer(wire: bytes) -> object:
    """A LogoutResponse by HTTP-Redirect."""
    incoming = _query(wire, "SAMLResponse")
    verified = network()["hm"].receiver.logout_response(incoming, AD, Role.AD)
    return incoming.relay_state, read_logout_response(verified.element)


def answer_of_ad(wire: bytes) -> object:
    """The Response of an authenticatiedienst; with two assertions it is read as that of a berichtenservice."""
    opened = network()["hm"].receiver.response(_form(wire, "SAMLResponse"), AD, Role.AD, most=2)
    said = [each for each in (opened.assertion, *opened.further) if each is not None]
    return opened.response, [(_embedded(each), _read(each)) for each in said]


def _read(assertion: Verified) -> object:
    element = assertion.element
    return read_authorization(element) if is_authorization(element) else read_authentication(element)


def answer_of_mr(wire: bytes) -> object:
    """The Response of a machtigingenregister."""
    opened = network()["hm"].receiver.response(_form(wire, "SAMLResponse"), MR, Role.MR)
    if opened.assertion is None:
        return opened.response
    return opened.response, _embedded(opened.assertion), read_authorization(opened.assertion.element)


def answer_behind_artifact(wire: bytes) -> object:
    """As the dienstverlener fetches it: Declaration in Response in ArtifactResponse in SOAP."""
    partner = network()["dv"].partners.find(HM, Role.HM)
    message = open_artifact_response(unwrap(wire), partner.signing, HM, ARTIFACT_REQUEST)
    if message is None:
        return None
    opened = open_checked(message, partner)
    if opened.assertion is None:
        return opened.response
    return opened.response, _embedded(opened.assertion), read_declaration(opened.assertion.element)


def question(wire: bytes) -> object:
    """A decision query on the back channel, with the assertion it carries."""
    partner, verified = network()["mr"].receiver.back_channel_request(unwrap(wire), Role.HM)
    query = read_decision_query(verified)
    said = [_evidence(each) for each in query.assertions]
    return partner.entity_id, query, [(_embedded(each), _read(each)) for each in said]


def _evidence(assertion: bytes) -> Verified:
    element = parse(assertion)
    # From where the dienstverlener stands, who knows both the authenticatiedienst and the first register.
    party = network()["dv"].partners.find(issuer(element), Role.AD, Role.MR)
    return verify(element, party.signing, party.entity_id, keep=True)


def resolve(wire: bytes) -> object:
    """An ArtifactResolve."""
    partner, verified = network()["hm"].receiver.back_channel_request(unwrap(wire), *Role)
    return partner.entity_id, read_artifact_resolve(verified.element)


def plain_answer(wire: bytes) -> object:
    """The Response of a plain identity provider."""
    provider, _ = read_metadata(identity_provider.metadata(), "IDP", NOW)
    expected = {"request_id": IDP_REQUEST, "recipient": IDP_ACS, "audience": AD}
    login = open_plain_response(parse(wire), provider, now=NOW, **expected)
    if login is None:
        raise NobodyLoggedIn("the identity provider says so")
    return login


def metadata_of_dv(wire: bytes) -> object:
    """Metadata of a dienstverlener, as an operator hands it over."""
    return read_metadata(wire, "DV", NOW)[0]


def metadata_of_plain_dv(wire: bytes) -> object:
    """Metadata of software that knows SAML but not eHerkenning."""
    return read_metadata(wire, "DV", NOW, Profile.SAML)[0]


def metadata_of_ad(wire: bytes) -> object:
    """Metadata of an authenticatiedienst."""
    return read_metadata(wire, "AD", NOW)[0]


def metadata_of_idp(wire: bytes) -> object:
    """Metadata of a plain identity provider."""
    return read_metadata(wire, "IDP", NOW)[0]


def catalogue(wire: bytes) -> object:
    """The dienstencatalogus of one dienstverlener."""
    partner, _ = read_metadata(metadata_of("dv"), "DV", NOW)
    return read_catalogue(wire, partner, MAKELAAR_OIN)[0]


def network_catalogue(wire: bytes) -> object:
    """The dienstencatalogus of all, as the makelaar publishes it."""
    return read_network_catalogue(wire, [certificate("hm")], HM)


def network_metadata(wire: bytes) -> object:
    """The metadata of the network; what it says of each entity is read too."""
    found = read_network_metadata(wire, [certificate(beheerorganisatie.KEY)], NOW)
    return found.edition, found.valid_until, found.keep, found.listed, found.unplaced


def encrypted_id(wire: bytes) -> object:
    """An identifier, opened."""
    return decrypt_identifier(read_encrypted_id(parse(wire)), signer("dv"), DV)


def encrypted_attribute(wire: bytes) -> object:
    """An attribute, opened."""
    return decrypt_attribute(
        read_encrypted(EncryptedAttribute, "EncryptedAttribute", parse(wire)), signer("dv"), DV
    )
