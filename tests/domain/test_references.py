"""References that survive the telephone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.references import is_reference
from broker.domain.references import new_reference


@given(st.binary(min_size=5, max_size=32))
def test_a_new_reference_is_a_reference(random_bytes: bytes) -> None:
    assert is_reference(new_reference(random_bytes))


@given(st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5))
def test_no_two_numbers_share_a_reference(one: bytes, other: bytes) -> None:
    assert (new_reference(one) == new_reference(other)) == (one == other)


@pytest.mark.parametrize(
    ("random_bytes", "reference"),
    [
        (b"\x00\x00\x00\x00\x00", "EH-0000-0000"),
        (b"\xff\xff\xff\xff\xff", "EH-ZZZZ-ZZZZ"),
        (b"\x00\x44\x32\x14\xc7", "EH-0123-4567"),
        (b"\x00\x00\x00\x00\x01", "EH-0000-0001"),
    ],
)
def test_it_is_crockfords_base32_of_forty_bits(random_bytes: bytes, reference: str) -> None:
    assert new_reference(random_bytes) == reference


def test_bytes_after_the_fifth_do_not_count() -> None:
    assert new_reference(b"fiveB and more") == new_reference(b"fiveB")


@pytest.mark.parametrize("length", range(5))
def test_too_few_random_bytes_are_refused(length: int) -> None:
    with pytest.raises(ValueError):
        new_reference(bytes(length))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EH-7K3Q9TXM",
        "EH-7K3Q-9TX",
        "EH-7K3Q-9TXMM",
        "eh-7k3q-9txm",
        "EH-7K3Q-9TXI",
        "EH-7K3Q-9TXL",
        "EH-7K3Q-9TXO",
        "EH-7K3Q-9TXU",
        "EH-7K3Q-9TXM\n",
        " EH-7K3Q-9TXM",
    ],
)
def test_anything_else_is_not_a_reference(text: str) -> None:
    assert not is_reference(text)


def test_the_example_of_the_documentation_is_a_reference() -> None:
    assert is_reference("EH-7K3Q-9TXM")
