"""The tool that reads the files finds each marker that pytest finds by importing them."""

import ast
from pathlib import Path

import pytest

from tools.conformance import ROOT
from tools.conformance import carried
from tools.conformance import proofs

MODULE = """
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.rule("1")]
of_two = pytest.mark.rule("2", "3")
CASES = [pytest.param(1, marks=pytest.mark.rule("4")), pytest.param(2, marks=[pytest.mark.rule("5")])]

@of_two
def test_by_name(): ...

@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("other", [pytest.param(1, marks=pytest.mark.rule("6"))])
def test_by_parameter(case, other): ...

@pytest.mark.rule("7")
class TestSomething:
    @pytest.mark.rule("8")
    def test_in_it(self): ...
    def test_beside_it(self): ...

@pytest.mark.rule("9")
def helper(): ...

def test_plain(): ...
"""


def test_numbers_are_found_wherever_a_marker_may_stand() -> None:
    assert {name: "".join(sorted(numbers)) for name, numbers in carried(ast.parse(MODULE))} == {
        "test_by_name": "123",
        "test_by_parameter": "1456",
        "test_in_it": "178",
        "test_beside_it": "17",
        "test_plain": "1",
    }


def test_pytest_sees_no_number_that_the_tool_does_not(request: pytest.FixtureRequest) -> None:
    read = {(proof.file, proof.name, number) for number, tests in proofs().items() for proof in tests}
    collected = {
        (Path(item.path).relative_to(ROOT).as_posix(), item.function.__name__, number)
        for item in request.session.items
        if isinstance(item, pytest.Function)
        for mark in item.iter_markers("rule")
        for number in mark.args
    }

    assert collected - read == set()
