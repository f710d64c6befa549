"""What snippets are made from, and what they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from broker.domain.connection import Profile
from broker.domain.levels import LevelOfAssurance
from broker.saml.partner import Endpoint


class NotPossible(ValueError):
    """This product cannot be configured for this dienstverlener; the text says what to do."""


class Product(StrEnum):
    """Software that we have a snippet for, by the name on the command line."""

    DJANGO = "django-digid-eherkenning"
    PYTHON3_SAML = "python3-saml"
    SIMPLESAMLPHP = "simplesamlphp"
    SHIBBOLETH = "shibboleth"
    KEYCLOAK = "keycloak"


@dataclass(frozen=True, slots=True)
class Makelaar:
    """What software has to know of us.

    ``certificates`` are those of our metadata, base64 of DER on one line: the one that signs now first, and after it
    the one that was announced. ``metadata``, ``sign_on`` and ``logout`` are addresses.
    """

    entity_id: str
    oin: str
    name: str
    metadata: str
    sign_on: str
    logout: str
    resolution: tuple[Endpoint, ...]
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dienstverlener:
    """What is known of the dienstverlener and the one service that the snippet is for.

    ``profile`` is None, and there are no ``consumers``, as long as it is not connected. ``url`` is where its software
    runs, without slash at the end, None where only its consumers tell. ``service_index`` None: requests need name none.
    """

    entity_id: str
    organisation: str
    service_id: str
    service_name: str
    level: LevelOfAssurance
    oin: str | None = None
    url: str | None = None
    profile: Profile | None = None
    consumers: tuple[Endpoint, ...] = ()
    service_index: int | None = None
    service_uuid: str | None = None
    instance_uuid: str | None = None
    mutual_tls: bool = False
    attribute_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SnippetFile:
    """A file to put in place or to run; ``language`` is that of its syntax, for whoever colours it."""

    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """How to connect with one product: plain text in one language, and files.

    ``steps`` are in the order in which they are done; ``notes`` say what the product cannot do, and what to mind.
    """

    product: Product
    title: str
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    files: tuple[SnippetFile, ...]
