"""Which request a cryptographic failure arose in."""

import pytest

from broker.saml.errors import CryptographicFailure
from broker.saml.errors import DecryptionFailed
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import begin_request
from broker.saml.errors import failed_in_this_request


@pytest.mark.parametrize("kind", [InvalidSignature, DecryptionFailed])
def test_a_cryptographic_failure_is_remembered_until_the_next_request(
    kind: type[CryptographicFailure],
) -> None:
    begin_request()
    assert not failed_in_this_request()
    kind("a reason")
    assert failed_in_this_request()
    begin_request()
    assert not failed_in_this_request()


def test_another_failure_leaves_no_mark() -> None:
    begin_request()
    MalformedMessage("a reason")
    assert not failed_in_this_request()
