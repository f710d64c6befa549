"""The dienstencatalogus of one dienstverlener as a person edits it: everything may still be wrong or missing.

Texts are as they were typed; ``catalogue_rules`` says what is wrong with them, ``broker.saml.catalogue_form`` reads
them from XML and writes them to it (Afsprakenstelsel, Service catalog). Texts for people are by language (``nl``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import ClassVar

_STRICT: Mapping[str, str] = {"extra": "forbid"}
"""For whoever reads these from JSON: a name that is not known is a mistake, and never thrown away."""

Texts = Mapping[str, str]
"""What people read, by language."""

Sets = tuple[tuple[str, ...], ...]
"""Kinds of identifier: those within one set are delivered together, the first set is preferred."""


@dataclass(frozen=True, slots=True)
class AttributeForm:
    """An attribute that a service may ask for: its name, whether it is required, and why it is asked."""

    __pydantic_config__: ClassVar = _STRICT

    name: str
    required: bool = False
    purposes: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DefinitionForm:
    """A ServiceDefinition: what several instances, of several dienstverleners even, may share.

    ``level`` is short (``loa3``), or what a foreign catalogue wrote instead. ``rationale`` is why it is this level:
    it is kept here, and stands in no catalogue.
    """

    __pydantic_config__: ClassVar = _STRICT

    uuid: str
    names: Texts = field(default_factory=dict)
    descriptions: Texts = field(default_factory=dict)
    urls: Texts = field(default_factory=dict)
    level: str = ""
    rationale: str = ""
    makelaar: str = ""
    identifier_sets: Sets = ()
    acting_sets: Sets = ()
    restrictions: tuple[str, ...] = ()
    attributes: tuple[AttributeForm, ...] = ()
    is_public: bool = True
    is_portal: bool = False


@dataclass(frozen=True, slots=True)
class CertificateForm:
    """A ServiceCertificate: base64 of the DER, and the KeyName by which ciphertext says it is meant for it."""

    __pydantic_config__: ClassVar = _STRICT

    certificate: str
    key_name: str = ""


@dataclass(frozen=True, slots=True)
class InstanceForm:
    """A ServiceInstance: a service as it is offered, by the makelaar that serves it.

    ``definition`` is the UUID of its definition, empty for one of a dienstbemiddelaar (``intermediated_service``).
    ``intermediation`` is empty where the catalogue is silent, ``sso_support`` None.
    """

    __pydantic_config__: ClassVar = _STRICT

    service_id: str
    uuid: str
    definition: str = ""
    intermediated_service: str = ""
    urls: Texts = field(default_factory=dict)
    privacy_urls: Texts = field(default_factory=dict)
    makelaar: str = ""
    additional_makelaars: tuple[str, ...] = ()
    sso_support: bool | None = None
    identifier_sets: Sets = ()
    certificates: tuple[CertificateForm, ...] = ()
    intermediation: str = ""
    intermediaries: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()
    bsnk_structure_version: str = ""
    bsnk_key_set_version: str = ""
    portal_for: tuple[str, ...] = ()
    is_public: bool = True
    is_portal: bool = False


@dataclass(frozen=True, slots=True)
class CatalogueForm:
    """The ServiceProvider: ``oin`` and names of the dienstverlener, and its services."""

    __pydantic_config__: ClassVar = _STRICT

    oin: str
    names: Texts = field(default_factory=dict)
    definitions: tuple[DefinitionForm, ...] = ()
    instances: tuple[InstanceForm, ...] = ()
    is_public: bool = True
