"""Small values in messages."""

from contextlib import suppress
from datetime import UTC
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.saml.build import instant
from broker.saml.errors import MalformedMessage
from broker.saml.names import SAML
from broker.saml.reading import display_text
from broker.saml.reading import flag
from broker.saml.reading import issuer
from broker.saml.reading import level
from broker.saml.reading import moment
from broker.saml.reading import number
from broker.saml.reading import only
from broker.saml.reading import text_of

_MOMENT = datetime(2025, 3, 3, 9, 16, 18, tzinfo=UTC)


@pytest.mark.rule("2.20")
@pytest.mark.parametrize(
    "text",
    [
        "2025-03-03T09:16:18Z",
        "2025-03-03T09:16:18.1Z",
        "2025-03-03T09:16:18.1234567Z",
        "2025-03-03T10:16:18+01:00",
        " 2025-03-03T09:16:18Z\n",
    ],
)
def test_a_moment_is_read_in_utc_without_its_fraction(text: str) -> None:
    assert moment(text) == _MOMENT


@pytest.mark.rule("2.19")
@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "now",
        "2025-03-03",
        "2025-03-03T09:16:18",
        "2025-13-03T09:16:18Z",
        "2025-03-03T09:16:60Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_moment_with_a_zone_is_refused(text: str | None) -> None:
    with pytest.raises(MalformedMessage):
        moment(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_survives_writing_and_reading(value: datetime) -> None:
    if value.year >= 1000:
        assert moment(instant(value)) == value.replace(microsecond=0)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    with suppress(MalformedMessage):
        assert moment(text).tzinfo is UTC


@pytest.mark.rule("3.4.07")
@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False), (None, False)]
)
def test_a_boolean_has_four_spellings_and_may_be_absent(text: str | None, value: bool) -> None:
    assert flag(text) is value


@pytest.mark.parametrize("text", ["", "TRUE", "yes", "2", "-1"])
def test_another_spelling_is_no_boolean(text: str) -> None:
    with pytest.raises(MalformedMessage):
        flag(text)


@pytest.mark.parametrize(("text", "value"), [(None, None), ("0", 0), ("65535", 65535), (" 7 ", 7), ("+7", 7)])
def test_an_index_is_an_unsigned_short(text: str | None, value: int | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "65536", "-1", "7.0", "0x7", "1e3"])
def test_another_number_is_no_index(text: str) -> None:
    with pytest.raises(MalformedMessage):
        number(text)


def _with_issuer(inside: str) -> etree._Element:
    return etree.fromstring(f'<a xmlns:s="{SAML}">{inside}</a>')


@pytest.mark.rule("2.38", "7.2.03")
@pytest.mark.parametrize("text", ["urn:x", " urn:x ", "URN:X", "urn:\u0445"])
def test_an_issuer_is_read_byte_for_byte(text: str) -> None:
    assert issuer(_with_issuer(f"<s:Issuer>{text}</s:Issuer>")) == text


def test_an_issuer_may_say_that_it_is_an_entity() -> None:
    entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
    assert issuer(_with_issuer(f'<s:Issuer Format="{entity}">x</s:Issuer>')) == "x"


@pytest.mark.rule("2.39")
@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<s:Issuer/>",
        "<Issuer>x</Issuer>",
        "<s:Issuer>x</s:Issuer><s:Issuer>x</s:Issuer>",
        "<s:Issuer>x<b/></s:Issuer>",
        '<s:Issuer NameQualifier="q">x</s:Issuer>',
        '<s:Issuer SPNameQualifier="q">x</s:Issuer>',
        '<s:Issuer SPProvidedID="q">x</s:Issuer>',
        '<s:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">x</s:Issuer>',
        '<s:Issuer Format="">x</s:Issuer>',
        "<b><s:Issuer>x</s:Issuer></b>",
    ],
)
def test_anything_else_is_no_issuer(inside: str) -> None:
    with pytest.raises(MalformedMessage):
        issuer(_with_issuer(inside))


def test_a_level_is_known_by_its_urn_only() -> None:
    assert level(f" {LevelOfAssurance.LOA2PLUS.urn} ") is LevelOfAssurance.LOA2PLUS
    for text in (None, "", "loa3", LevelOfAssurance.LOA3.urn.upper()):
        with pytest.raises(MalformedMessage):
            level(text)


def test_exactly_one_child_is_wanted() -> None:
    assert only(etree.fromstring("<a><b/></a>"), "b").tag == "b"
    for text in ("<a/>", "<a><b/><b/></a>", "<a><c><b/></c></a>"):
        with pytest.raises(MalformedMessage):
            only(etree.fromstring(text), "b")


def test_a_text_is_trimmed_and_may_not_be_empty() -> None:
    assert text_of(etree.fromstring("<a><b> x </b></a>"), "b") == "x"
    for text in ("<a><b/></a>", "<a><b> </b></a>"):
        with pytest.raises(MalformedMessage):
            text_of(etree.fromstring(text), "b")


def test_a_name_to_show_is_one_line_without_controls_or_turned_words() -> None:
    assert display_text(" Zo\u00eb &\n\tco \u202enepo\u009b31m ") == "Zo\u00eb & co nepo31m"
    assert display_text(None) == ""
