"""What one process took, claimed or swapped in SQL, no other process gets."""

from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from broker.storage.engine import make_engine
from broker.storage.migrations import upgrade
from broker.storage.state import open_state_store
from tests.storage.racing import PROCESSES
from tests.storage.racing import Processes
from tests.storage.racing import claim_each
from tests.storage.racing import count_each
from tests.storage.racing import swap_each
from tests.storage.racing import take_each

KEYS = [f"key:{number}" for number in range(100)]


@pytest.mark.slow
@pytest.mark.parametrize("work", [take_each, claim_each, swap_each])
def test_each_key_is_won_by_one_process(
    work: Callable[..., Any], empty_database: str, processes: Processes
) -> None:
    engine = make_engine(empty_database)
    upgrade(engine)
    if work is not claim_each:
        store = open_state_store("sql:", engine)
        for key in KEYS:
            store.put(key, b"before", 60)
    won = processes.each(work, empty_database, KEYS)
    assert Counter(chain(*won)) == dict.fromkeys(KEYS, 1)
    engine.dispose()


@pytest.mark.slow
def test_no_count_of_any_process_is_lost(empty_database: str, processes: Processes) -> None:
    engine = make_engine(empty_database)
    upgrade(engine)
    counted = processes.each(count_each, empty_database, ["attempts"] * 100)
    assert sorted(chain(*counted)) == list(range(1, 100 * PROCESSES + 1))
    engine.dispose()
