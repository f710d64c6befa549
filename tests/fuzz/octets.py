"""Mutations that know nothing but bytes: damage on the way, and what no tree can hold."""

import re
from collections.abc import Callable

from tests.fuzz.program import Step
from tests.fuzz.vocabulary import TOKENS

Mutation = Callable[[bytes, Step], bytes]

_TEXT = re.compile(rb">([^<>&]+)<")
_NUMBER_PLACES = re.compile(rb"[0-9]+")


def _place(data: bytes, step: Step) -> int:
    # A message may be longer than a two-byte number: places are spread over all of it.
    return step.where * (len(data) + 1) >> 16


def flip(data: bytes, step: Step) -> bytes:
    """One byte is another one."""
    place = _place(data, step)
    if place >= len(data):
        return data
    return data[:place] + bytes([data[place] ^ (step.amount or 1)]) + data[place + 1 :]


def insert(data: bytes, step: Step) -> bytes:
    """A token in between."""
    place = _place(data, step)
    return data[:place] + TOKENS[step.what % len(TOKENS)] + data[place:]


def begin(data: bytes, step: Step) -> bytes:
    """A token in front."""
    return TOKENS[step.what % len(TOKENS)] + data


def end(data: bytes, step: Step) -> bytes:
    """A token behind."""
    return data + TOKENS[step.what % len(TOKENS)]


def cut_out(data: bytes, step: Step) -> bytes:
    """Some bytes are gone."""
    place = _place(data, step)
    return data[:place] + data[place + 1 + step.amount :]


def cut_off(data: bytes, step: Step) -> bytes:
    """The end is gone."""
    return data[: _place(data, step)]


def twice(data: bytes, step: Step) -> bytes:
    """Some bytes are there twice."""
    place = _place(data, step)
    return data[:place] + data[place : place + 1 + step.amount] * 2 + data[place + 1 + step.amount :]


def again(data: bytes, _step: Step) -> bytes:
    """The whole is there twice."""
    return data * 2


def reference(data: bytes, step: Step) -> bytes:
    """A character of some text as a numeric reference, which says the same."""
    found = list(_TEXT.finditer(data))
    if not found:
        return data
    text = found[step.where % len(found)]
    place = text.start(1) + step.what % len(text.group(1))
    if data[place] > 0x7F:
        return data
    form = f"&#x{data[place]:x};" if step.amount & 1 else f"&#{data[place]};"
    return data[:place] + form.encode() + data[place + 1 :]


def comment(data: bytes, step: Step) -> bytes:
    """A comment inside some text, which says the same."""
    found = list(_TEXT.finditer(data))
    if not found:
        return data
    text = found[step.where % len(found)]
    place = text.start(1) + step.what % len(text.group(1))
    return data[:place] + b"<!---->" + data[place:]


def quotes(data: bytes, _step: Step) -> bytes:
    """Attributes between the other quotes, which says the same."""
    return data if b"'" in data else data.replace(b'"', b"'")


def line_ends(data: bytes, step: Step) -> bytes:
    """Other ends of lines; with ``amount`` also where there were none, between elements."""
    return data.replace(b"><", b">\r\n<") if step.amount & 1 else data.replace(b"\n", b"\r\n")


def encode(data: bytes, step: Step) -> bytes:
    """The same text in another encoding."""
    try:
        text = data.decode("utf-8")
        return text.encode(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "utf-8-sig")[step.what % 6])
    except UnicodeError:
        return data


def long_number(data: bytes, step: Step) -> bytes:
    """A number with very many digits."""
    found = list(_NUMBER_PLACES.finditer(data))
    if not found:
        return data
    number = found[step.where % len(found)]
    return data[: number.start()] + b"9" * (step.amount * 40) + data[number.end() :]


def swell(data: bytes, step: Step) -> bytes:
    """Up to half a megabyte of one byte, more than any message may be."""
    place = _place(data, step)
    return data[:place] + bytes([step.what & 0x7F]) * (step.amount * 2048) + data[place:]


MUTATIONS: tuple[Mutation, ...] = (
    flip,
    insert,
    begin,
    end,
    cut_out,
    cut_off,
    twice,
    again,
    reference,
    comment,
    quotes,
    line_ends,
    encode,
    long_number,
    swell,
)
