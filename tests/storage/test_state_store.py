"""The contract of ``StateStore``, the same for memory, SQLite, PostgreSQL and Valkey."""

from collections import Counter

from broker.ports import StateStore
from tests.storage.conftest import Stored
from tests.storage.racing import CALLERS
from tests.storage.racing import in_threads

BINARY = bytes(range(256)) * 20


def test_returns_what_was_put(store: StateStore, key: str) -> None:
    store.put(key, BINARY, 60)
    assert store.get(key) == BINARY
    assert store.get(key) == BINARY


def test_put_replaces_value_and_ttl(stored: Stored, key: str) -> None:
    stored.store.put(key, b"first", 1)
    stored.store.put(key, b"second", 60)
    stored.wait(1.1)
    assert stored.store.get(key) == b"second"


def test_keeps_an_empty_value_apart_from_no_value(store: StateStore, key: str) -> None:
    assert store.get(key) is None
    store.put(key, b"", 60)
    assert store.get(key) == b""
    assert store.take(key) == b""
    assert store.take(key) is None


def test_takes_a_key_of_200_characters(store: StateStore, key: str) -> None:
    longest = key.ljust(200, "x")
    store.put(longest, b"value", 60)
    assert store.get(longest) == b"value"


def test_what_is_past_its_ttl_is_neither_got_nor_taken_nor_swapped(stored: Stored, key: str) -> None:
    for number in range(3):
        stored.store.put(f"{key}{number}", b"value", 1)
    stored.wait(1.1)
    assert stored.store.get(f"{key}0") is None
    assert stored.store.take(f"{key}1") is None
    assert not stored.store.swap(f"{key}2", b"value", b"other", 60)
    assert stored.store.get(f"{key}2") is None


def test_take_removes(store: StateStore, key: str) -> None:
    store.put(key, b"value", 60)
    assert store.take(key) == b"value"
    assert store.take(key) is None
    assert store.get(key) is None


def test_take_leaves_other_keys_alone(store: StateStore, key: str) -> None:
    store.put(key, b"value", 60)
    store.put(f"{key}:other", b"other", 60)
    store.take(key)
    assert store.get(f"{key}:other") == b"other"


def test_of_many_takers_one_gets_the_value(store: StateStore, key: str) -> None:
    store.put(key, BINARY, 60)
    answers = in_threads(lambda _: store.take(key))
    assert Counter(answers) == {BINARY: 1, None: CALLERS - 1}


def test_claim_succeeds_once(store: StateStore, key: str) -> None:
    assert store.claim(key, 60)
    assert not store.claim(key, 60)


def test_of_many_claimers_one_succeeds(store: StateStore, key: str) -> None:
    assert Counter(in_threads(lambda _: store.claim(key, 60))) == {True: 1, False: CALLERS - 1}


def test_a_claim_holds_for_its_ttl_and_refused_claims_do_not_prolong_it(stored: Stored, key: str) -> None:
    assert stored.store.claim(key, 2)
    stored.wait(1)
    assert not stored.store.claim(key, 60)
    stored.wait(1.1)
    assert stored.store.claim(key, 60)
    assert not stored.store.claim(key, 60)


def test_of_many_claimers_of_an_expired_claim_one_succeeds(stored: Stored, key: str) -> None:
    assert stored.store.claim(key, 1)
    stored.wait(1.1)
    assert Counter(in_threads(lambda _: stored.store.claim(key, 60))) == {True: 1, False: CALLERS - 1}


def test_swap_replaces_the_value_it_expects(store: StateStore, key: str) -> None:
    store.put(key, b"old", 60)
    assert store.swap(key, b"old", BINARY, 60)
    assert store.get(key) == BINARY


def test_swap_changes_nothing_when_the_value_is_another(store: StateStore, key: str) -> None:
    store.put(key, b"value", 60)
    assert not store.swap(key, b"another", b"new", 60)
    assert store.get(key) == b"value"


def test_swap_does_not_bring_back_what_is_gone(store: StateStore, key: str) -> None:
    assert not store.swap(key, b"", b"new", 60)
    assert store.get(key) is None


def test_swap_renews_the_ttl(stored: Stored, key: str) -> None:
    stored.store.put(key, b"old", 1)
    assert stored.store.swap(key, b"old", b"new", 60)
    stored.wait(1.1)
    assert stored.store.get(key) == b"new"


def test_of_many_swappers_one_succeeds_and_its_value_stays(store: StateStore, key: str) -> None:
    store.put(key, b"old", 60)
    succeeded = in_threads(lambda number: store.swap(key, b"old", str(number).encode(), 60))
    assert succeeded.count(True) == 1
    assert store.get(key) == str(succeeded.index(True)).encode()


def test_counts_up_from_one(store: StateStore, key: str) -> None:
    assert [store.count(key, 60) for _ in range(3)] == [1, 2, 3]


def test_many_counters_at_once_miss_none(store: StateStore, key: str) -> None:
    assert sorted(in_threads(lambda _: store.count(key, 60))) == list(range(1, CALLERS + 1))


def test_the_ttl_of_a_counter_runs_from_its_first_count(stored: Stored, key: str) -> None:
    stored.store.count(key, 2)
    stored.wait(1)
    assert stored.store.count(key, 60) == 2
    stored.wait(1.1)
    assert stored.store.count(key, 60) == 1


def test_a_counter_can_be_read_and_dropped(store: StateStore, key: str) -> None:
    store.count(key, 60)
    store.count(key, 60)
    assert store.get(key) == b"2"
    store.drop(key)
    assert store.count(key, 60) == 1


def test_drop_forgets_and_does_not_mind_absence(store: StateStore, key: str) -> None:
    store.put(key, b"value", 60)
    store.drop(key)
    store.drop(key)
    assert store.get(key) is None


def test_a_dropped_claim_can_be_claimed_again(store: StateStore, key: str) -> None:
    store.claim(key, 60)
    store.drop(key)
    assert store.claim(key, 60)


def test_ping_returns_when_the_store_answers(store: StateStore) -> None:
    store.ping()
