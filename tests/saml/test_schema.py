"""Validation against the schemas: the verdict, the lines, and many threads at once."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from broker.saml.errors import MalformedMessage
from broker.saml.parsing import parse
from broker.saml.schema import is_valid
from broker.saml.schema import list_faults
from broker.saml.schema import preload
from broker.saml.schema import validate
from tests.saml.builders import signed_request


def _broken() -> bytes:
    return signed_request().replace(b"<saml:Issuer>", b"\n<saml:Issuer X='1'>")


def test_a_valid_message_has_no_faults() -> None:
    preload()
    root = parse(signed_request())
    validate(root)
    assert is_valid(root)
    assert list_faults(root) == []


def test_a_fault_names_its_line_and_the_error_quotes_nothing() -> None:
    root = parse(_broken())
    assert [line for line, _ in list_faults(root)] == [2]
    with pytest.raises(MalformedMessage, match=r"^not valid against the schema at line 2$"):
        validate(root)


def test_an_unknown_root_is_not_valid() -> None:
    assert not is_valid(parse(b'<a xmlns="urn:x"/>'))


def test_no_thread_takes_an_invalid_message_for_a_valid_one() -> None:
    documents = [parse(_broken()), parse(signed_request())]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            wrong = list(pool.map(lambda n: bool(list_faults(documents[n % 2])) == bool(n % 2), range(3000)))
    finally:
        sys.setswitchinterval(before)
    assert not any(wrong)
