"""What a document may hold: at the limit it is read, one past it not. The limits are the real ones."""

import pytest

from broker.saml.errors import MessageTooLarge
from broker.saml.parsing import parse
from broker.saml.policy import LIMITS
from tests.limits.around import AROUND
from tests.limits.around import past_it


def judged(document: bytes, more: int, maximum: int | None = None) -> None:
    """Read what is within the limit, and see what is past it refused."""
    with past_it(more, MessageTooLarge):
        parse(document, maximum=maximum)


def attributes(count: int) -> bytes:
    return b" ".join(b'a%d=""' % number for number in range(count))


def spread(count: int) -> bytes:
    """A document with so many attributes, as few as may be on one element."""
    whole, rest = divmod(count, LIMITS.attributes_per_element)
    full = b"<b " + attributes(LIMITS.attributes_per_element) + b"/>"
    return b"<a>" + full * whole + b"<b " + attributes(rest) + b"/></a>"


def declarations(count: int) -> bytes:
    return b"<a " + b" ".join(b'xmlns:p%d="urn:p"' % number for number in range(count)) + b"/>"


@AROUND
@pytest.mark.limit("message_bytes")
def test_bytes_of_a_message(more: int) -> None:
    judged(b"<a>" + b"x" * (LIMITS.message_bytes - 7 + more) + b"</a>", more)


@AROUND
@pytest.mark.limit("depth")
def test_elements_within_each_other(more: int) -> None:
    judged(b"<a>" * (LIMITS.depth + more) + b"</a>" * (LIMITS.depth + more), more)


@AROUND
@pytest.mark.limit("nodes")
def test_elements_of_a_message(more: int) -> None:
    judged(b"<a>" + b"<b/>" * (LIMITS.nodes - 1 + more) + b"</a>", more)


@pytest.mark.limit("nodes")
def test_what_looks_like_an_element_counts_before_it_is_parsed() -> None:
    with pytest.raises(MessageTooLarge):
        parse(b"<a>" + b"<" * LIMITS.nodes)


@AROUND
@pytest.mark.limit("attributes")
def test_attributes_of_a_message(more: int) -> None:
    judged(spread(LIMITS.attributes + more), more)


@AROUND
@pytest.mark.limit("attributes_per_element")
def test_attributes_of_one_element(more: int) -> None:
    judged(b"<a><b " + attributes(LIMITS.attributes_per_element + more) + b"/></a>", more)


@AROUND
@pytest.mark.limit("namespace_declarations")
def test_namespace_declarations_of_a_message(more: int) -> None:
    judged(declarations(LIMITS.namespace_declarations + more), more)


@AROUND
@pytest.mark.limit("bytes_per_node")
def test_elements_of_a_larger_document(more: int) -> None:
    count = LIMITS.metadata_bytes // LIMITS.bytes_per_node + more
    judged(b"<a>" + b"<b/>" * (count - 1) + b"</a>", more, LIMITS.metadata_bytes)


@AROUND
@pytest.mark.limit("bytes_per_node")
def test_attributes_of_a_larger_document(more: int) -> None:
    judged(spread(LIMITS.metadata_bytes // LIMITS.bytes_per_node + more), more, LIMITS.metadata_bytes)


@AROUND
@pytest.mark.limit("bytes_per_namespace")
def test_namespace_declarations_of_a_larger_document(more: int) -> None:
    count = LIMITS.metadata_bytes // LIMITS.bytes_per_namespace + more
    judged(declarations(count), more, LIMITS.metadata_bytes)
