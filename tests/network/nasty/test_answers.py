"""Each change does to an answer what its name says, and signs again what a real party could sign."""

from threading import Thread

import pytest

from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import OneKey
from broker.exchange.own import Own
from broker.network.nasty.answers import CHANGES
from broker.network.nasty.answers import is_half_a_chain
from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.network.nasty.catalogue import Where
from broker.network.nasty.hands import Hands
from broker.network.nasty.hands import Impostor
from broker.network.nasty.hands import Swap
from broker.network.nasty.hands import WrongKey
from broker.saml.authentication import read_authentication
from broker.saml.authorization import read_authorization
from broker.saml.authorization import write_authorization
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.names import REQUIRE_CONFIRMATION
from broker.saml.parsing import parse
from broker.saml.response import OpenedResponse
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.response import open_response
from broker.saml.response import signature_value
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import AD
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW
from tests.saml.builders import a_frame
from tests.saml.builders import a_response
from tests.saml.builders import ad_assertion
from tests.saml.builders import an_authorization

OTHER = "urn:etoegang:AD:00000099000000002100:entities:0001"


@pytest.fixture
def hands() -> Hands:
    """Those of the authenticatiedienst, which has answered once before."""
    found = Hands(
        Own(AD, OneKey(signer("ad")), lambda: NOW), WrongKey.like(signer("ad")), Impostor(OTHER, signer("mr"))
    )
    found.said.append(answer())
    return found


def answer(assertion: bytes | None = None) -> bytes:
    """A Response of the authenticatiedienst."""
    return make_response(a_response(issuer=AD), assertion or ad_assertion(), signer("ad"))


def first_half() -> bytes:
    """A Response of the register with the first half of a chain."""
    assertion = an_authorization(confirm_at=MR, obligations=(REQUIRE_CONFIRMATION,))
    return make_response(
        a_response(issuer=MR), make_assertion(write_authorization(assertion, HM), signer("mr")), signer("mr")
    )


def opened(message: bytes | None, by: str = "ad", entity_id: str = AD, most: int = 1) -> OpenedResponse:
    """The Response as who trusts this key reads it."""
    assert message is not None
    return open_response(parse(message), [certificate(by)], entity_id, most)


def test_every_change_has_its_row_in_the_table() -> None:
    rows = {each.name for each in MISBEHAVIOURS.values() if each.where is Where.ANSWER}

    assert set(CHANGES) == rows


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"reordered", "obligation-dropped"}))
def test_the_answer_is_another_one(name: str, hands: Hands) -> None:
    message = answer()

    assert CHANGES[name](message, hands) not in (message, None)


@pytest.mark.parametrize(
    "name", ["unsigned-response", "unsigned-assertion", "wrong-key", "swapped-company", "other-party"]
)
def test_a_signature_that_is_missing_or_wrong_is_seen(name: str, hands: Hands) -> None:
    with pytest.raises(InvalidSignature):
        opened(CHANGES[name](answer(), hands))


def test_another_party_signs_what_it_says(hands: Hands) -> None:
    said = opened(CHANGES["other-party"](answer(), hands), "mr", OTHER)

    assert said.response.issuer == OTHER


def test_a_response_without_assertion_says_all_went_well(hands: Hands) -> None:
    with pytest.raises(MalformedMessage):
        opened(CHANGES["no-assertion"](answer(), hands))


def test_a_lower_level_is_signed_as_if_it_were_so(hands: Hands) -> None:
    said = opened(CHANGES["lower-level"](answer(), hands))

    assert said.assertion is not None
    assert read_authentication(said.assertion.element).level is LevelOfAssurance.LOA1


def test_what_has_expired_is_signed_as_well(hands: Hands) -> None:
    said = opened(CHANGES["expired"](answer(), hands))

    assert said.assertion is not None
    assert read_authentication(said.assertion.element).frame.not_on_or_after < NOW


def test_the_assertion_of_another_login_comes_in_an_answer_to_this_one(hands: Hands) -> None:
    message = answer()
    said, before, earlier = (
        opened(CHANGES["swapped-pseudonym"](message, hands)),
        opened(message),
        opened(hands.said[0]),
    )

    assert said.response == before.response
    assert said.assertion is not None
    assert earlier.assertion is not None
    assert said.assertion.element.get("ID") == earlier.assertion.element.get("ID")


def test_what_was_said_before_is_said_again(hands: Hands) -> None:
    assert CHANGES["replayed"](answer(), hands) == hands.said[0]


def test_an_obligation_that_is_left_out_leaves_an_intermediary(hands: Hands) -> None:
    mr = Hands(Own(MR, OneKey(signer("mr")), lambda: NOW), hands.wrong, hands.other)
    assert is_half_a_chain(first_half())

    said = opened(CHANGES["obligation-dropped"](first_half(), mr), "mr", MR)

    assert said.assertion is not None
    decided = read_authorization(said.assertion.element)
    assert (decided.obligations, decided.confirm_at) == ((), None)


def test_two_assertions_that_are_linked_stay_so(hands: Hands) -> None:
    person = ad_assertion()
    company = an_authorization(frame=a_frame(AD), linked_signature_value=signature_value(person))
    second = make_assertion(write_authorization(company, HM), signer("ad"))
    message = make_response(a_response(issuer=AD), person, signer("ad"), [second])

    said = opened(CHANGES["expired"](message, hands), most=2)

    assert said.assertion is not None
    assert (
        read_authorization(said.further[0].element).linked_signature_value == said.assertion.signature_value
    )
    assert said.assertion.signature_value != signature_value(person)


@pytest.mark.parametrize("name", ["replayed", "swapped-pseudonym", "swapped-company"])
def test_who_said_nothing_yet_cannot_say_it_again(name: str) -> None:
    fresh = Hands(Own(AD, OneKey(signer("ad"))), WrongKey.like(signer("ad")), Impostor(OTHER, signer("mr")))

    assert CHANGES[name](answer(), fresh) is None


def test_what_is_not_there_cannot_be_changed(hands: Hands) -> None:
    refusal = CHANGES["no-assertion"](answer(), hands)
    assert refusal is not None

    for name in ("lower-level", "expired", "no-assertion", "obligation-dropped", "swapped-pseudonym"):
        assert CHANGES[name](refusal, hands) is None


def test_two_answers_at_once_change_places() -> None:
    swap, got = Swap(), {}

    def give(message: bytes) -> None:
        got[message] = swap.change(message, patience=10)

    threads = [Thread(target=give, args=(message,)) for message in (b"one", b"other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got == {b"one": b"other", b"other": b"one"}
    assert not swap.is_wanted


def test_who_finds_nobody_to_swap_with_goes_on() -> None:
    swap = Swap()

    assert swap.change(b"one", patience=0.01) is None
    assert not swap.is_wanted
