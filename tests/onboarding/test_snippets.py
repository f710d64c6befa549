"""Snippets hold the right values, and whatever a value holds, it stays a value."""

import ast
import json
import shutil
import subprocess
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from broker.assembly.onboarding import register
from broker.domain.connection import Profile
from broker.domain.levels import LevelOfAssurance
from broker.onboarding.snippets import Dienstverlener
from broker.onboarding.snippets import NotPossible
from broker.onboarding.snippets import Product
from broker.onboarding.snippets import Snippet
from broker.onboarding.snippets import as_connected
from broker.onboarding.snippets import fill
from broker.onboarding.snippets import newcomer
from broker.onboarding.snippets.parties import makelaar_with
from broker.onboarding.snippets.products import profile_for
from broker.onboarding.snippets.words import load
from broker.ports import Role
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.screens.language import LANGUAGES
from broker.settings import Settings
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import MemoryRegistry
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.saml.builders import NOW as THEN

NOW, NEXT = "TUlJbm93", "TUlJbmV4dA=="
OURS = makelaar_with(Settings.model_construct(), (NOW, NEXT))
ENTITY_ID = "urn:etoegang:DV:00000099000000005000:entities:9001"
NEW = newcomer(ENTITY_ID, "https://www.example.nl", level=LevelOfAssurance.LOA2PLUS)
LOA2PLUS = "urn:etoegang:core:assurance-class:loa2plus"

HOSTILE = (
    "\"\"\"'''\\\n</a>]]>--><?php ?> ${x} $(id) `id` #{y} {{ 7*7 }} {% raw %} %s {0} "
    "\x1b[2J \u202e \u2028 \x00 \ud800 é 😀 \\"
)
_ATTACKED = replace(
    NEW,
    entity_id=HOSTILE,
    organisation=HOSTILE,
    service_name=HOSTILE,
    service_id=HOSTILE,
    service_uuid=HOSTILE,
    instance_uuid=HOSTILE,
    consumers=(Endpoint(BINDING_POST, HOSTILE), Endpoint(BINDING_ARTIFACT, HOSTILE)),
    attribute_names={"KvKnr": HOSTILE},
)


@pytest.fixture(scope="module")
def connected() -> Partner:
    """One that is connected with profile 1.13."""
    documents = metadata_of("dv"), catalogue_of("dv")
    partner, _ = register(MemoryRegistry(), Role.DV, *documents, makelaar_oin=MAKELAAR_OIN, now=THEN)
    return partner


def filled(product: Product, theirs: Dienstverlener = NEW) -> Snippet:
    return fill(OURS, theirs, product, "en")


def text(snippet: Snippet, name: str) -> str:
    (found,) = [each.text for each in snippet.files if each.name == name]
    return found


def assigned(source: str) -> dict[str, Any]:
    """The constants that a Python file assigns to attributes of ``config``."""
    return {
        ast.unparse(target): node.value.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
    }


def read_php(source: str, variable: str) -> Any:
    """What PHP reads, for which it must be installed."""
    php = shutil.which("php")
    if php is None:
        pytest.skip("PHP is not installed")
    code = source + f"\necho json_encode(${variable}, JSON_INVALID_UTF8_SUBSTITUTE);"
    done = subprocess.run([php], input=code.encode("utf-8", "surrogatepass"), capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("product", list(Product))
def test_each_product_has_steps_notes_and_files_in_both_languages(product: Product, language: Any) -> None:
    snippet = fill(OURS, NEW, product, language)

    assert len(snippet.steps) >= 4
    assert len(snippet.notes) >= 4
    assert "connect.sh" in [each.name for each in snippet.files]
    assert not any("{{" in line or "{%" in line for line in (*snippet.steps, *snippet.notes))


def test_both_languages_say_as_much() -> None:
    shapes = [
        {
            name: {key: len(each) for key, each in section.items() if key != "title"}
            for name, section in texts.items()
        }
        for texts in (load("nl"), load("en"))
    ]
    assert shapes[0] == shapes[1]
    assert set(shapes[0]) == {"every", *map(str, Product)}


def test_django_gets_its_record() -> None:
    config = assigned(text(filled(Product.DJANGO), "eherkenning_setup.py"))

    assert config["config.metadata_file_source"] == "http://localhost:8440/metadata"
    assert config["config.makelaar_id"] == "00000099000000001000"
    assert config["config.entity_id"] == ENTITY_ID
    assert config["config.oin"] == "00000099000000005000"
    assert config["config.base_url"] == "https://www.example.nl"
    assert config["config.eh_loa"] == LOA2PLUS
    assert config["config.eh_attribute_consuming_service_index"] == "1"
    assert config["config.signature_algorithm"].endswith("rsa-sha256")


def test_django_needs_an_oin() -> None:
    theirs = newcomer(
        "https://app.example.nl/",
        "https://app.example.nl",
        service_id="urn:etoegang:DV:00000003900000010000:services:1",
    )
    with pytest.raises(NotPossible, match="OIN"):
        filled(Product.DJANGO, theirs)


def test_python3_saml_gets_both_certificates_and_asks_the_level() -> None:
    snippet = filled(Product.PYTHON3_SAML)
    settings = json.loads(text(snippet, "saml/settings.json"))
    security = json.loads(text(snippet, "saml/advanced_settings.json"))["security"]

    assert settings["strict"] is True
    assert settings["sp"]["entityId"] == ENTITY_ID
    assert settings["sp"]["assertionConsumerService"]["url"] == "https://www.example.nl/saml/acs"
    assert settings["idp"]["entityId"] == OURS.entity_id
    assert settings["idp"]["singleSignOnService"]["url"] == "http://localhost:8440/sso/1.13"
    assert settings["idp"]["x509certMulti"]["signing"] == [NOW, NEXT]
    assert security["authnRequestsSigned"] is True
    assert security["wantMessagesSigned"] is True
    assert security["requestedAuthnContext"] == [LOA2PLUS]


def test_simplesamlphp_gets_a_source_and_what_it_knows_of_us() -> None:
    snippet = filled(Product.SIMPLESAMLPHP)
    source = read_php(text(snippet, "config/authsources.php"), "config")["default-sp"]
    ours = read_php(text(snippet, "metadata/saml20-idp-remote.php"), "metadata")[OURS.entity_id]

    assert source["0"] == "saml:SP"
    assert source["entityID"] == ENTITY_ID
    assert source["AttributeConsumingServiceIndex"] == 1
    assert source["AuthnContextClassRef"] == LOA2PLUS
    assert source["sign.authnrequest"] is True
    assert [key["X509Certificate"] for key in ours["keys"]] == [NOW, NEXT]
    assert [each["index"] for each in ours["ArtifactResolutionService"]] == [0, 1]


def test_shibboleth_verifies_our_metadata_with_either_certificate() -> None:
    snippet = filled(Product.SHIBBOLETH)
    root = etree.fromstring(text(snippet, "shibboleth2.xml"))
    space = {"c": "urn:mace:shibboleth:3.0:native:sp:config"}

    assert root.xpath("string(//c:ApplicationDefaults/@entityID)", namespaces=space) == ENTITY_ID
    assert root.xpath("string(//c:ApplicationDefaults/@signing)", namespaces=space) == "true"
    assert root.xpath("string(//c:SSO/@entityID)", namespaces=space) == OURS.entity_id
    assert root.xpath("string(//c:SSO/@authnContextClassRef)", namespaces=space) == LOA2PLUS
    assert root.xpath("string(//c:MetadataProvider/@url)", namespaces=space) == OURS.metadata
    named = root.xpath("//c:MetadataFilter//@certificate", namespaces=space)
    assert [b64decode("".join(text(snippet, name).split("\n")[1:-2])) for name in named] == [
        b64decode(NOW),
        b64decode(NEXT),
    ]
    mapped = etree.fromstring(text(snippet, "attribute-map.xml"))
    assert {"KvKnr", "Pseudonym", "LoA"} <= {each.get("id") for each in mapped}


def test_with_one_certificate_shibboleth_names_it_in_short_and_nobody_hears_of_another() -> None:
    snippet = fill(replace(OURS, certificates=(NOW,)), NEW, Product.SHIBBOLETH, "en")

    assert 'type="Signature" certificate="makelaar-1.pem"/>' in text(snippet, "shibboleth2.xml")
    assert not any("two certificates" in note for note in snippet.notes)


def test_keycloak_gets_an_identity_provider_and_mappers() -> None:
    document = json.loads(text(filled(Product.KEYCLOAK), "eherkenning-realm.json"))
    (provider,) = document["identityProviders"]
    config = provider["config"]

    assert provider["providerId"] == "saml"
    assert config["entityId"] == ENTITY_ID
    assert config["idpEntityId"] == OURS.entity_id
    assert config["singleSignOnServiceUrl"] == OURS.sign_on
    assert config["signingCertificate"] == f"{NOW},{NEXT}"
    assert json.loads(config["authnContextClassRefs"]) == [LOA2PLUS]
    assert config["attributeConsumingServiceIndex"] == "1"
    assert config["attributeConsumingServiceName"] == "Mijn dienst"
    assert config["useMetadataDescriptorUrl"] == "false", "nobody vouches for keys that came over plain http"
    mappers = {each["config"]["attribute.name"] for each in document["identityProviderMappers"]}
    assert {"KvKnr", "LoA"} <= mappers


@pytest.mark.parametrize("product", list(Product))
def test_a_hostile_value_cannot_break_out(product: Product) -> None:
    """Each file still parses, and the value is read back as one value; in a shell as one word of the command."""
    snippet = filled(product, _ATTACKED)
    for file in snippet.files:
        assert "\x1b" not in file.text
        assert "\u202e" not in file.text
        if file.language == "python":
            assert assigned(file.text)["config.service_name"] == HOSTILE
            assert len(ast.parse(file.text).body) == len(ast.parse(_of(product, file.name)).body) + 2, (
                "the UUIDs"
            )
        elif file.name == "saml/advanced_settings.json":
            assert file.text == _of(product, file.name)
        elif file.language == "json":
            assert HOSTILE in list(_leaves(json.loads(file.text)))
        elif file.language == "xml":
            root = etree.fromstring(file.text)
            assert any(
                value.startswith(HOSTILE[:40]) for each in root.iter() for value in each.attrib.values()
            )
            shape = [each.tag for each in root.iter()]
            assert shape == [each.tag for each in etree.fromstring(_of(product, file.name)).iter()]
        elif file.name == "config/authsources.php":
            read = read_php(file.text, "config")
            assert list(read) == ["default-sp"]
            assert read["default-sp"]["entityID"].startswith(HOSTILE[:40])
        elif file.name == "connect.sh":
            assert "$(id)" not in _run(file.text)
    assert all(line.isprintable() for line in (*snippet.steps, *snippet.notes))


def _run(script: str) -> str:
    """What a shell makes of the words, each on a line, when ``makelaar`` does nothing but show them."""
    echo = 'makelaar() { for word in "$@"; do [ "$word" = "$EXPECTED" ] || printf "%s\\n" "$word"; done; }\n'
    shown = HOSTILE if HOSTILE.isprintable() else "".join(x if x.isprintable() else "\ufffd" for x in HOSTILE)
    done = subprocess.run(
        ["sh", "-c", echo + script], env={"EXPECTED": shown}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


def _of(product: Product, name: str) -> str:
    return text(filled(product), name)


def _leaves(value: Any) -> Any:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def test_one_that_is_connected_is_known_by_its_metadata_and_catalogue(connected: Partner) -> None:
    theirs = as_connected(connected)
    snippet = filled(Product.DJANGO, theirs)
    config = assigned(text(snippet, "eherkenning_setup.py"))

    assert config["config.entity_id"] == connected.entity_id
    assert theirs.service_index is not None
    service = connected.catalogue[connected.services[theirs.service_index]]
    assert config["config.eh_attribute_consuming_service_index"] == str(theirs.service_index)
    assert config["config.eh_service_uuid"] == service.service_uuid
    assert config["config.eh_loa"] == service.level.urn


def test_one_that_is_connected_with_another_profile_is_told_so(connected: Partner) -> None:
    theirs = as_connected(connected)

    for product in Product:
        told = any("connected with profile" in note for note in filled(product, theirs).notes)
        assert told == (profile_for(product) is not Profile.V1_13)


def test_one_that_is_connected_with_its_own_catalogue_is_not_given_another_one(connected: Partner) -> None:
    plain = replace(as_connected(connected), profile=Profile.SAML)
    snippet = filled(Product.SHIBBOLETH, plain)

    assert "dv add" not in text(snippet, "connect.sh")
    assert f"makelaar dv show {connected.entity_id}" in text(snippet, "connect.sh")
    assert any("connected already" in note for note in snippet.notes)
    assert not any("connected already" in note for note in filled(Product.SHIBBOLETH).notes)


@pytest.mark.parametrize(
    ("entity_id", "url", "words"),
    [
        ("https://app.example.nl", "https://app.example.nl", "--service-id"),
        (f"{ENTITY_ID} ", "https://app.example.nl", "white space"),
        ("", "https://app.example.nl", "empty"),
        (ENTITY_ID, "app.example.nl", "no address"),
        (ENTITY_ID, "javascript:alert(1)", "no address"),
        (ENTITY_ID, "https://app.example.nl/?a=b", "no address"),
        (ENTITY_ID, "https://app.example.nl:99999/", "no address"),
        (ENTITY_ID, "https://app.example.nl/\n", "no address"),
    ],
)
def test_a_newcomer_that_cannot_be_used_is_told_what_to_give(entity_id: str, url: str, words: str) -> None:
    with pytest.raises(NotPossible, match=words):
        newcomer(entity_id, url)
