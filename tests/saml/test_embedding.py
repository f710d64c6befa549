"""What others signed stays verifiable, whatever it is put into."""

from threading import Thread

import pytest
from lxml import etree

from broker.saml.artifact_resolution import open_artifact_response
from broker.saml.authentication import read_authentication
from broker.saml.build import Embedding
from broker.saml.decision_query import read_decision_query
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.response import make_assertion
from broker.saml.response import open_response
from broker.saml.signature import canonicalise
from broker.saml.signature import verify
from broker.saml.soap import unwrap
from broker.saml.soap import wrap
from tests.attacks.differential import assert_all_judges_agree
from tests.attacks.foreign import TOOLS
from tests.attacks.foreign import foreign_assertion
from tests.attacks.foreign import foreign_response
from tests.keys import certificate
from tests.saml.builders import AD
from tests.saml.builders import HM
from tests.saml.builders import ad_assertion
from tests.saml.builders import artifact_response
from tests.saml.builders import hm_assertion
from tests.saml.builders import hm_response
from tests.saml.builders import mr_assertion
from tests.saml.builders import signed_query

_EVERYBODY = [certificate(name) for name in ("hm", "ad", "mr")]
_ADVICE = f"{tag(SAML, 'Advice')}/{tag(SAML, 'Assertion')}"


@pytest.mark.rule("3.3.14", "9.12")
@pytest.mark.parametrize("tool", TOOLS)
def test_a_foreign_assertion_stays_verifiable_through_response_artifact_response_and_soap(tool: str) -> None:
    received = parse(foreign_response(tool))
    opened = open_response(received, [certificate("ad")], AD).assertion
    assert opened is not None
    message = wrap(
        artifact_response(hm_response(hm_assertion(advice=(opened.raw.reveal_bytes(), mr_assertion()))))
    )
    assert_all_judges_agree(message, _EVERYBODY)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_register_can_verify_the_foreign_assertion_in_a_query(tool: str) -> None:
    message = signed_query(
        assertions=(foreign_assertion(tool).partition(b"?>")[2] or foreign_assertion(tool),)
    )
    query = read_decision_query(verify(parse(message), [certificate("hm")], HM, keep=True))
    (evidence,) = query.assertions
    authentication = read_authentication(verify(parse(evidence), [certificate("ad")], AD).element)
    assert authentication.frame.name_id == "t-1"
    assert_all_judges_agree(message, _EVERYBODY)


def test_a_register_can_verify_both_assertions_in_the_query_of_a_chain() -> None:
    message = signed_query(assertions=(ad_assertion(), mr_assertion()))
    query = read_decision_query(verify(parse(message), [certificate("hm")], HM, keep=True))
    for evidence, name in zip(query.assertions, ("ad", "mr"), strict=True):
        verify(parse(evidence), [certificate(name)], name)


def test_a_dienstverlener_can_open_what_went_through_four_layers() -> None:
    message = unwrap(wrap(artifact_response(hm_response())))
    inside = open_artifact_response(message, [certificate("hm")], HM, "_resolve")
    assert inside is not None
    declared = open_response(inside, [certificate("hm")], HM).assertion
    assert declared is not None
    # The advice is read from the bytes as they came; the canonical form has lost prefixes that only values use.
    advice = parse(declared.raw.reveal_bytes()).findall(_ADVICE)
    assert [
        verify(node, [certificate(name)], name).signer
        for node, name in zip(advice, ("ad", "mr"), strict=True)
    ]


def test_embedding_changes_no_byte_of_what_is_embedded() -> None:
    part = ad_assertion()
    shell = etree.Element(tag(SAMLP, "Extensions"), nsmap={"saml2": SAML, "p": SAMLP})
    embedding = Embedding()
    embedding.put(shell, part)
    assert part in etree.tostring(embedding.compose(shell))


def test_text_that_looks_like_a_slot_is_not_filled() -> None:
    slot = '<slot:s xmlns:slot="urn:openmakelaar:slot" n="0"/>'
    shell = etree.Element("a", b=slot)
    shell.text = slot
    embedding = Embedding()
    embedding.put(shell, b"<part/>")
    whole = embedding.compose(shell)
    assert len(whole.findall("part")) == 1
    assert (whole.text, whole.get("b")) == (slot, slot)


def test_a_prefix_list_counts_in_a_thread_that_never_met_the_prefix() -> None:
    element = etree.fromstring('<a xmlns:neverseen="urn:n" ID="_a"/>')
    found: list[bytes] = []
    thread = Thread(target=lambda: found.append(canonicalise(element, ["neverseen"])))
    thread.start()
    thread.join()
    assert found == [b'<a xmlns:neverseen="urn:n" ID="_a"></a>']


@pytest.mark.rule("9.12")
def test_an_assertion_signs_the_binding_of_prefixes_that_only_values_use() -> None:
    from broker.saml.authentication import write_authentication
    from tests.keys import signer
    from tests.saml.builders import an_authentication

    element = parse(make_assertion(write_authentication(an_authentication()), signer("ad")))
    assert b'xmlns:xs="http://www.w3.org/2001/XMLSchema"' in canonicalise(element, ["xs", "xacml-saml"])
    assert b'PrefixList="xs xacml-saml"' in etree.tostring(element)
