import pytest

from broker.saml.errors import MalformedMessage
from broker.saml.pretty import lay_out


def test_elements_get_a_line_each() -> None:
    assert lay_out(b"<a><b>text</b><c/></a>") == "<a>\n  <b>text</b>\n  <c/>\n</a>"


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(MalformedMessage):
        lay_out(b"<a>")
