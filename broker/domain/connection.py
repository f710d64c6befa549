"""How one partner is connected: what it is sent, and what of its habits is let through.

The afsprakenstelsel leaves no choice in most of this; software of dienstverleners does. An operator chooses when a
partner is added, and the choice is kept beside the partner's documents.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Any
from typing import Final

from broker.domain.levels import LevelOfAssurance


class Profile(StrEnum):
    """The shape of the answer to a dienstverlener; the decision behind it is the same."""

    V1_13 = "1.13"
    """Encrypted identifiers (Interface specifications DV-HM 1.13)."""
    V1_11 = "1.11"
    """Plain identifiers and a persistent NameID, for interface version 1.11 and older."""
    SAML = "saml"
    """For software that knows SAML but not eHerkenning: no Advice, plain string attributes."""


class Tolerance(StrEnum):
    """A habit that departs from the interface and that we let through, unless the operator forbids it to a partner.

    Each time one is used, the partner's conformance log says so: see ``docs/connect/README.md``.
    """

    ACS_URL = "acs-url"
    """AssertionConsumerServiceURL instead of an index (the URL must stand in the metadata all the same)."""
    PROTOCOL_BINDING = "protocol-binding"
    """ProtocolBinding beside URL or index."""
    X509_IN_KEYINFO = "x509-in-keyinfo"
    """X509Data in the KeyInfo of a message; it is never used to verify with."""
    LONG_RELAY_STATE = "lange-relaystate"
    """RelayState over 80 bytes."""
    NO_AUTHN_CONTEXT = "geen-authncontext"
    """No RequestedAuthnContext: the catalogue's level is taken."""
    NO_SERVICE_INDEX = "geen-dienstindex"
    """No AttributeConsumingServiceIndex: the default service is taken."""
    NAME_ID_POLICY = "nameidpolicy"
    """A NameIDPolicy, which is ignored."""
    COMPARISON = "comparison"
    """A Comparison other than minimum, or several classes."""
    CONSENT = "consent"
    """A Consent other than unspecified; it changes nothing."""
    TIME_ZONE = "tijdzone"
    """An IssueInstant that is not written in UTC."""
    DEFLATED_POST = "deflated-post"
    """A request by HTTP-POST that was deflated first."""
    NO_CLIENT_CERTIFICATE = "zonder-clientcertificaat"
    """An ArtifactResolve without client certificate, where our front listener takes those at all."""
    SOAP_CONTENT_TYPE = "soap-content-type"
    """application/soap+xml instead of text/xml."""
    FAULT_FOR_SPENT_ARTIFACT = "melding-bij-vervallen-artifact"
    """An unknown or spent artifact is answered with status Requester; by SAML it is Success without a message, which
    software of dienstverleners stumbles over."""


EVERY_TOLERANCE = frozenset(Tolerance)


@dataclass(frozen=True, slots=True)
class Connection:
    """What an operator chose for one partner; the defaults suit a partner that keeps to the afsprakenstelsel.

    ``tolerances`` are those that are let through. ``mutual_tls`` sends the partner to the listener that asks
    for a client certificate. ``key_overlap_days`` is how long signing keys that its new metadata leaves out are
    believed, None for as long as is set for all. For the profile ``saml``: ``encrypt_assertion`` when its
    metadata has a key to encrypt with, ``attribute_names`` maps our name of an attribute to the partner's,
    ``contexts`` a class of AuthnContext to a level beside those of the afsprakenstelsel, and
    ``default_service`` the ServiceID that a request without an index means when the metadata names no service.
    For a plain identity provider: ``contexts`` as well, ``name`` the text on its button, ``subject`` the
    attribute that holds the person (None: the NameID), ``register`` the entityID of the machtigingenregister
    behind it.
    """

    profile: Profile = Profile.V1_13
    tolerances: frozenset[Tolerance] = EVERY_TOLERANCE
    mutual_tls: bool = False
    encrypt_assertion: bool = True
    attribute_names: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, LevelOfAssurance] = field(default_factory=dict)
    default_service: str | None = None
    name: str | None = None
    subject: str | None = None
    register: str | None = None
    key_overlap_days: int | None = None

    def tolerates(self, tolerance: Tolerance) -> bool:
        """Whether this habit is let through."""
        return tolerance in self.tolerances

    def to_json(self) -> str:
        """The choices that differ from the defaults; the same choices give the same text.

        Tolerances are kept as those that are forbidden, so that one that is added later is let through at first.
        """
        values: dict[str, Any] = asdict(self)
        values["contexts"] = {uri: level.short for uri, level in self.contexts.items()}
        values["tolerances"] = sorted(EVERY_TOLERANCE - self.tolerances)
        default = {**asdict(Connection()), "tolerances": []}
        chosen = {name: value for name, value in values.items() if value != default[name]}
        return json.dumps(chosen, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Connection":
        """Read what ``to_json`` wrote; what a newer version added is ignored. ValueError for another text."""
        values = {name: value for name, value in json.loads(text).items() if name in cls.__slots__}
        forbidden = {Tolerance(each) for each in values.pop("tolerances", ()) if each in set(Tolerance)}
        if "profile" in values:
            values["profile"] = Profile(values["profile"])
        contexts = values.pop("contexts", {})
        return cls(
            **values,
            tolerances=EVERY_TOLERANCE - forbidden,
            contexts={uri: LevelOfAssurance.from_short(short) for uri, short in contexts.items()},
        )


STANDARD: Final = Connection()
"""The connection of a partner about whom nothing was chosen."""
