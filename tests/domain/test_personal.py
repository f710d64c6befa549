"""Personal data comes out through reveal() and in no other way."""

import copy
import io
import json
import logging
import pickle
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.attributes import AttributeValue
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.identifiers import Rsin
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.personal import PersonalData
from broker.domain.personal import RawMessage

VALUES: list[tuple[PersonalData, str]] = [
    (KvkNumber("90000001"), "90000001"),
    (Rsin("123456782"), "123456782"),
    (Vestigingsnummer("000090000011"), "000090000011"),
    (Subdossiernummer("0042"), "0042"),
    (InternalPseudonym("marker-internal"), "marker-internal"),
    (Pseudonym("ab" * 32), "ab" * 32),
    (AttributeValue("marker name"), "marker name"),
    (RawMessage(b"<marker/>"), "<marker/>"),
]
each_type = pytest.mark.parametrize(("hidden", "clear"), VALUES, ids=[type(v).__name__ for v, _ in VALUES])

WAYS_OUT: dict[str, Callable[[PersonalData], object]] = {
    "str": str,
    "format": format,
    "format with a width": lambda value: format(value, ">20"),
    "f-string": lambda value: f"{value}",
    "str.format": lambda value: "{}".format(value),  # noqa: UP032 - the way out under test
    "percent": lambda value: "%s" % value,  # noqa: UP031 - the way out under test
    "join": lambda value: "".join([value]),  # type: ignore[list-item]
    "plus": lambda value: "kvk " + value,  # type: ignore[operator]
    "bytes": lambda value: bytes(value),  # type: ignore[call-overload]
    "json": json.dumps,
    "pickle": pickle.dumps,
    "oldest pickle": lambda value: pickle.dumps(value, protocol=0),
    "copy": copy.copy,
    "deep copy": copy.deepcopy,
    "iteration": list,  # type: ignore[dict-item]
    "vars": vars,
}


@each_type
@pytest.mark.parametrize("way_out", list(WAYS_OUT.values()), ids=list(WAYS_OUT))
def test_every_other_way_out_is_closed(
    hidden: PersonalData, clear: str, way_out: Callable[[PersonalData], object]
) -> None:
    with pytest.raises(TypeError) as refusal:
        way_out(hidden)
    assert clear not in str(refusal.value)


@each_type
def test_reveal_gives_the_value(hidden: PersonalData, clear: str) -> None:
    assert hidden.reveal() == clear


@each_type
def test_the_refusal_names_the_type_and_the_way_that_is_open(hidden: PersonalData, clear: str) -> None:
    with pytest.raises(TypeError, match=rf"^{type(hidden).__name__} .*\.reveal\(\)"):
        str(hidden)


@each_type
def test_repr_shows_the_type_only(hidden: PersonalData, clear: str) -> None:
    assert repr(hidden) == f"{type(hidden).__name__}(hidden)"


@each_type
def test_a_dataclass_around_it_shows_no_more(hidden: PersonalData, clear: str) -> None:
    @dataclass
    class Holder:
        held: PersonalData

    assert clear not in repr(Holder(hidden))


@each_type
def test_a_careless_log_line_does_not_contain_it(
    hidden: PersonalData, clear: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.Logger("careless")
    logger.addHandler(handler)
    logger.warning("acting for %s", hidden)
    logger.warning("acting for %r", hidden)
    assert "(hidden)" in stream.getvalue()
    assert clear not in stream.getvalue() + capsys.readouterr().err


@each_type
def test_it_does_not_change(hidden: PersonalData, clear: str) -> None:
    with pytest.raises(AttributeError):
        hidden._hidden = "other"
    with pytest.raises(AttributeError):
        del hidden._hidden
    with pytest.raises(AttributeError):
        hidden.note = "other"
    assert hidden.reveal() == clear


def test_equal_means_the_same_type_and_value() -> None:
    assert KvkNumber("90000001") == KvkNumber("90000001")
    assert KvkNumber("90000001") != KvkNumber("90000002")
    assert InternalPseudonym("90000001") != KvkNumber("90000001")
    assert KvkNumber("90000001") != "90000001"


def test_equal_values_are_one_key_of_a_dict() -> None:
    assert {KvkNumber("90000001"): "found"}[KvkNumber("90000001")] == "found"
    assert len({KvkNumber("90000001"), KvkNumber("90000001"), InternalPseudonym("90000001")}) == 2


@given(st.binary())
def test_a_raw_message_keeps_every_byte(raw: bytes) -> None:
    assert RawMessage(raw).reveal_bytes() == raw


def test_a_raw_message_that_is_not_utf8_can_still_be_shown() -> None:
    assert RawMessage(b"<a>\xff</a>").reveal() == "<a>�</a>"


def test_raw_messages_compare_by_their_bytes() -> None:
    assert RawMessage(b"\xff") == RawMessage(b"\xff")
    assert RawMessage(b"\xff") != RawMessage(b"\xfe")


def test_what_is_not_personal_data_may_say_itself_whether_it_is_equal() -> None:
    class Anything:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]  # never a key

    assert KvkNumber("90000001") == Anything()
    assert (KvkNumber("90000001") == "90000001") is False


@pytest.mark.parametrize("way_out", [str, format, "{:>20}".format], ids=["str", "format", "with a width"])
def test_who_formats_it_is_told_how_it_may_be_done(way_out: Callable[[PersonalData], object]) -> None:
    with pytest.raises(TypeError, match="is personal data and is not formatted"):
        way_out(KvkNumber("90000001"))
