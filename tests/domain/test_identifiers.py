"""Identifiers are well-formed or do not exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.identifiers import FORMS
from broker.domain.identifiers import Bsn
from broker.domain.identifiers import EidasLegalIdentifier
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Oin
from broker.domain.identifiers import PolymorphicIdentifier
from broker.domain.identifiers import Pseudonym
from broker.domain.identifiers import Rsin
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.personal import PersonalData

ARABIC_INDIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

VALID: list[tuple[type[PersonalData], str]] = [
    (KvkNumber, "90000001"),
    (KvkNumber, "00000001"),
    (Rsin, "123456782"),
    (Rsin, "000000012"),
    (Vestigingsnummer, "000012345678"),
    (Subdossiernummer, "0001"),
    (InternalPseudonym, "x"),
    (InternalPseudonym, "ünïcode, with spaces and / or signs"),
    (InternalPseudonym, "x" * 256),
    (Pseudonym, "0123456789abcdef" * 4),
    (Pseudonym, "0123456789ABCDEF" * 4),
    (Pseudonym, "ab" * 32 + "@" + "CD" * 16),
    (Bsn, "999990019"),
    (EidasLegalIdentifier, "NL/DE/HRB900000"),
    (EidasLegalIdentifier, "NL/AT/FN-900000(1)"),
    (PolymorphicIdentifier, "MIIBIg=="),
    (PolymorphicIdentifier, "MIIBIgY="),
    (PolymorphicIdentifier, "MIIBIgYK"),
]

MALFORMED: list[tuple[type[PersonalData], str]] = [
    (KvkNumber, ""),
    (KvkNumber, "9000001"),
    (KvkNumber, "900000011"),
    (KvkNumber, "9000000a"),
    (KvkNumber, "90000001\n"),
    (KvkNumber, " 90000001"),
    (KvkNumber, "9000.0001"),
    (KvkNumber, "90000001".translate(ARABIC_INDIC_DIGITS)),
    (Rsin, "123456789"),
    (Rsin, "000000000"),
    (Rsin, "12345678"),
    (Rsin, "1234567820"),
    (Rsin, "1234.56.782"),
    (Rsin, " 123456782"),
    (Rsin, "123456782\n"),
    (Rsin, "123456782".translate(ARABIC_INDIC_DIGITS)),
    (Bsn, "999990018"),
    (Bsn, "000000000"),
    (Bsn, "99999001"),
    (EidasLegalIdentifier, "HRB900000"),
    (EidasLegalIdentifier, "NL/DE/"),
    (EidasLegalIdentifier, "nl/de/HRB900000"),
    (EidasLegalIdentifier, "NL/DEU/HRB900000"),
    (EidasLegalIdentifier, "NL/DE/HRB 900000"),
    (EidasLegalIdentifier, "NL/DE/" + "1" * 251),
    (PolymorphicIdentifier, ""),
    (PolymorphicIdentifier, "MIIBI"),
    (PolymorphicIdentifier, "MI="),
    (PolymorphicIdentifier, "MIIBIg==\n"),
    (Vestigingsnummer, "12345678"),
    (Vestigingsnummer, "0000123456789"),
    (Vestigingsnummer, "00001234567x"),
    (Subdossiernummer, "1"),
    (Subdossiernummer, "00001"),
    (Subdossiernummer, "000x"),
    (InternalPseudonym, ""),
    (InternalPseudonym, "x" * 257),
    (InternalPseudonym, "two\nlines"),
    (InternalPseudonym, "nul\x00"),
    (InternalPseudonym, "half a pair \ud800"),
    (Pseudonym, "ab" * 31),
    (Pseudonym, "ab" * 33),
    (Pseudonym, "xy" * 32),
    (Pseudonym, "ab" * 32 + "@"),
    (Pseudonym, "ab" * 32 + "@" + "cd" * 15),
    (Pseudonym, "ab" * 32 + "@" + "cd" * 16 + "\n"),
    (Pseudonym, "@" + "cd" * 16),
]


@pytest.mark.rule("4.10", "15.01", "15.02", "15.07", "15.10")
@pytest.mark.parametrize(("kind", "text"), VALID)
def test_a_well_formed_identifier_is_kept_as_it_is(kind: type[PersonalData], text: str) -> None:
    assert kind(text).reveal() == text


@pytest.mark.rule("15.01", "15.02", "15.07", "15.10")
@pytest.mark.parametrize(("kind", "text"), MALFORMED)
def test_a_malformed_identifier_is_refused_without_repeating_it(kind: type[PersonalData], text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        kind(text)
    assert kind.__name__ in str(refusal.value)
    assert not text or text not in str(refusal.value)


@pytest.mark.rule("15.03")
@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_an_rsin_exists_exactly_when_it_passes_the_elfproef(digits: str) -> None:
    weighted = sum(
        weight * int(digit) for weight, digit in zip([9, 8, 7, 6, 5, 4, 3, 2, -1], digits, strict=True)
    )
    if weighted % 11 == 0 and digits != "000000000":
        assert Rsin(digits).reveal() == digits
    else:
        with pytest.raises(ValueError):
            Rsin(digits)


@given(st.integers(min_value=0, max_value=10**8 - 1), st.integers(min_value=0, max_value=8))
def test_of_ten_check_digits_at_most_one_makes_an_rsin(number: int, position: int) -> None:
    digits = f"{number:09d}"
    accepted = 0
    for digit in "0123456789":
        try:
            Rsin(digits[:position] + digit + digits[position + 1 :])
        except ValueError:
            continue
        accepted += 1
    assert accepted <= 1


@given(st.text())
def test_whatever_text_comes_in_a_kvk_number_has_eight_ascii_digits(text: str) -> None:
    try:
        number = KvkNumber(text).reveal()
    except ValueError:
        return
    assert len(number) == 8
    assert set(number) <= set("0123456789")


@pytest.mark.rule("15.14")
@pytest.mark.parametrize("text", ["00000099000000004000", "99999999000000000010"])
def test_an_oin_is_public(text: str) -> None:
    oin = Oin(text)
    assert oin.value == text
    assert f"{oin}" == text
    assert text in repr(oin)


@pytest.mark.rule("15.13")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000009900000000400",
        "000000990000000040000",
        "0000009900000000400x",
        "00000099000000004000\n",
        "00000099000000004000".translate(ARABIC_INDIC_DIGITS),
    ],
)
def test_an_oin_has_twenty_digits(text: str) -> None:
    with pytest.raises(ValueError):
        Oin(text)


def test_oins_are_equal_and_ordered_by_value() -> None:
    assert Oin("00000099000000001000") == Oin("00000099000000001000")
    assert Oin("00000099000000001000") < Oin("00000099000000002000")


@pytest.mark.rule("4.16")
def test_identifier_types_are_the_urns_of_the_afsprakenstelsel() -> None:
    assert [str(kind) for kind in IdentifierType] == [
        "urn:etoegang:1.9:EntityConcernedID:KvKnr",
        "urn:etoegang:1.9:EntityConcernedID:RSIN",
        "urn:etoegang:1.13:EntityConcernedID:Pseudo",
        "urn:etoegang:1.9:EntityConcernedID:Pseudo",
        "urn:etoegang:1.11:EntityConcernedID:eIDASLegalIdentifier",
        "urn:etoegang:1.9:EntityConcernedID:BSN",
        "urn:etoegang:1.12:EntityConcernedID:BSN",
        "urn:etoegang:1.12:EntityConcernedID:PseudoID",
    ]


def test_every_type_of_identifier_has_a_form() -> None:
    assert set(FORMS) == set(IdentifierType)


@pytest.mark.rule("15.08")
def test_a_company_of_another_member_state_has_two_countries_and_a_number() -> None:
    assert EidasLegalIdentifier("NL/DE/HRB900000").reveal() == "NL/DE/HRB900000"
    for text in ("DE/HRB900000", "NL/DE", "HRB900000", "NL/DE/"):
        with pytest.raises(ValueError, match="EidasLegalIdentifier"):
            EidasLegalIdentifier(text)


@pytest.mark.parametrize("kind", [Bsn, Rsin])
@pytest.mark.parametrize("text", ["90000002.8", "9000.00.028", "900 000 028", "9000000 28", " 900000028"])
def test_separators_are_no_part_of_a_number_that_passes_the_elfproef(
    kind: type[PersonalData], text: str
) -> None:
    with pytest.raises(ValueError):
        kind(text)
