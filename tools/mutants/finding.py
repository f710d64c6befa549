"""Which checks there are: every place in a module where a condition, a call or a handler could be left out."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Final

MAKING_PREFIXES: Final = ("write_", "_write_", "make_", "encrypt_", "seal_")
"""How the names of functions begin that make a message; they judge nothing, so there is nothing to take away."""

BUILDING: Final = frozenset(
    {
        *(
            "SubElement",
            "__init__",
            "__setattr__",
            "add",
            "append",
            "child",
            "extend",
            "indent",
            "insert",
            "pop",
        ),
        *("put", "remove", "set", "setdefault", "sort", "sign", "warning"),
    }
)
"""Calls, by the last part of their name, that make something instead of judging it; those of `MAKING_PREFIXES` too."""

FLIPPED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
"""The comparison that differs only where both sides are equal."""


class Kind(StrEnum):
    """What is taken away."""

    BRANCH = "branch"
    """An ``if`` is never taken."""
    OPERAND = "operand"
    """One part of an ``and`` or ``or`` in a condition does not count."""
    BOUNDARY = "boundary"
    """A comparison takes the bound itself for the other side."""
    RANGE = "range"
    """One half of ``a <= x <= b`` does not count."""
    FILTER = "filter"
    """An ``if`` of a comprehension lets everything through."""
    CHOICE = "choice"
    """``a if c else b`` is always one of the two."""
    VERDICT = "verdict"
    """A function that returns bool always says the same."""
    HANDLER = "handler"
    """An exception is not caught."""
    CALL = "call"
    """A call for its effect, such as ``require_version(element)``, is not made."""
    RAISE = "raise"
    """A ``raise`` that stands on its own, such as the one behind a loop, does not happen."""
    EXTREME = "extreme"
    """One argument of ``min`` or ``max`` does not count."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One removal. ``function`` is the dotted name from the module on, ``first_line`` that of its code.

    ``node`` is the number of the syntax node in the order of ``ast.walk``, ``part`` which part of it goes;
    ``before`` and ``after`` are source text, for people and to recognise it by when lines have moved.
    """

    module: str
    function: str
    first_line: int
    line: int
    kind: Kind
    node: int
    part: int
    before: str
    after: str

    @property
    def place(self) -> str:
        """The full name of the function."""
        return f"{self.module}.{self.function}"

    @property
    def package(self) -> str:
        """The floor it is on: ``saml``."""
        return self.module.split(".")[1]


@dataclass(frozen=True)
class Source:
    """A module that is mutated."""

    module: str
    path: Path

    @cached_property
    def text(self) -> str:
        """The file."""
        return self.path.read_text("utf-8")

    def tree(self) -> ast.Module:
        """A fresh syntax tree, with the same nodes in the same order each time."""
        return ast.parse(self.text)

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """All removals in functions, in the order of the file; what looks alike in one function gets a number."""
        found = sorted(_Finder(self).found, key=lambda mutant: (mutant.line, mutant.node, mutant.part))
        times = Counter[tuple[str, str, str]]()
        numbered = []
        for mutant in found:
            key = (mutant.function, mutant.before, mutant.after)
            times[key] += 1
            suffix = f"  # {times[key]}" if times[key] > 1 else ""
            numbered.append(replace(mutant, after=mutant.after + suffix))
        return tuple(numbered)


class _Finder:
    """Walks the functions of one module."""

    def __init__(self, source: Source) -> None:
        self._source = source
        tree = source.tree()
        self._numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
        self._tree = tree  # keeps the nodes alive, and with them their ids
        self.found = list(self._scope(tree, ""))

    def _scope(self, scope: ast.Module | ast.ClassDef, prefix: str) -> Iterator[Mutant]:
        for node in scope.body:
            if isinstance(node, ast.ClassDef):
                yield from self._scope(node, f"{prefix}{node.name}.")
            elif isinstance(node, ast.FunctionDef) and not node.name.startswith(MAKING_PREFIXES):
                yield from self._function(node, prefix + node.name)

    def _function(self, function: ast.FunctionDef, name: str) -> Iterator[Mutant]:
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        conditions = {id(node) for node in _conditions(function)}
        alone = {
            id(each.body[0])
            for each in ast.walk(function)
            if isinstance(each, ast.If) and len(each.body) == 1
        }
        returns = _returns(function)
        texts = {
            id(each) for node in ast.walk(function) if isinstance(node, ast.Raise) for each in ast.walk(node)
        }
        for statement in function.body:
            for node in ast.walk(statement):
                if id(node) in texts and not isinstance(node, ast.Raise):
                    continue  # which words an error has
                # Taking away the only statement of a branch is the same as never taking the branch.
                of_node = (
                    []
                    if id(node) in alone and not isinstance(node, ast.If)
                    else _removals(node, conditions, returns)
                )
                for kind, part, before, after in of_node:
                    yield Mutant(
                        module=self._source.module,
                        function=name,
                        first_line=first,
                        line=getattr(node, "lineno", function.lineno),
                        kind=kind,
                        node=self._numbers[id(node)],
                        part=part,
                        before=before,
                        after=after,
                    )


Removal = tuple[Kind, int, str, str]


def _removals(node: ast.AST, conditions: set[int], returns: set[int]) -> Iterator[Removal]:
    """Kind, part and the text before and after of each removal at this node itself."""
    if isinstance(node, ast.If):
        yield Kind.BRANCH, 0, f"if {ast.unparse(node.test)}", "never"
    elif isinstance(node, ast.BoolOp) and id(node) in conditions:
        word = "and" if isinstance(node.op, ast.And) else "or"
        for part, value in enumerate(node.values):
            yield Kind.OPERAND, part, f"{word} {ast.unparse(value)}", "does not count"
    elif isinstance(node, ast.Compare):
        yield from _comparisons(node)
    elif isinstance(node, ast.comprehension):
        for part, test in enumerate(node.ifs):
            yield Kind.FILTER, part, f"for {ast.unparse(node.target)} if {ast.unparse(test)}", "all of them"
    elif isinstance(node, ast.IfExp):
        yield Kind.CHOICE, 0, ast.unparse(node), f"always {ast.unparse(node.orelse)}"
        yield Kind.CHOICE, 1, ast.unparse(node), f"always {ast.unparse(node.body)}"
    elif isinstance(node, ast.Return) and id(node) in returns:
        yield Kind.VERDICT, 0, ast.unparse(node), "return False"
        yield Kind.VERDICT, 1, ast.unparse(node), "return True"
    elif isinstance(node, ast.ExceptHandler):
        for part, caught in enumerate(exceptions(node)):
            yield Kind.HANDLER, part, f"except {ast.unparse(caught)}", "not caught"
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and not _builds(node.value):
        yield Kind.CALL, 0, ast.unparse(node), "not done"
    elif isinstance(node, ast.Raise) and node.exc is not None:
        yield Kind.RAISE, 0, ast.unparse(node), "not raised"
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"min", "max"} and len(node.args) > 1:
        for part, argument in enumerate(node.args):
            yield Kind.EXTREME, part, ast.unparse(node), f"without {ast.unparse(argument)}"


def _comparisons(node: ast.Compare) -> Iterator[Removal]:
    before = ast.unparse(node)
    for part, operator in enumerate(node.ops):
        if type(operator) in FLIPPED:
            after = ast.Compare(node.left, list(node.ops), node.comparators)
            after.ops[part] = FLIPPED[type(operator)]()
            yield Kind.BOUNDARY, part, before, ast.unparse(after)
    if len(node.ops) == 2:
        for part in (0, 1):
            yield Kind.RANGE, part, before, ast.unparse(without_half(node, part))


def without_half(node: ast.Compare, part: int) -> ast.Compare:
    """``x <= b`` (part 0 left out) or ``a <= x`` (part 1) of ``a <= x <= b``."""
    if part == 0:
        return ast.Compare(node.comparators[0], [node.ops[1]], [node.comparators[1]])
    return ast.Compare(node.left, [node.ops[0]], [node.comparators[0]])


def exceptions(node: ast.ExceptHandler) -> list[ast.expr]:
    """What a handler catches, one by one."""
    if node.type is None:
        return []
    return list(node.type.elts) if isinstance(node.type, ast.Tuple) else [node.type]


def _builds(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    return name in BUILDING or name.startswith(MAKING_PREFIXES)


def _returns(function: ast.FunctionDef) -> set[int]:
    """The ids of the returns of a function that says it returns bool, but not of a plain True or False."""
    if function.returns is None or ast.unparse(function.returns) != "bool":
        return set()
    return {
        id(node)
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant)
    }


def _conditions(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Every expression of which only the truth matters; in ``element.text or ""`` the value does."""
    for node in ast.walk(function):
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            yield from _parts(node.test)
        elif isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield from _parts(test)
        elif isinstance(node, ast.Return) and node.value is not None and id(node) in _returns(function):
            yield from _parts(node.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"any", "all", "bool"}:
            for argument in node.args:
                inner = argument.elt if isinstance(argument, ast.GeneratorExp) else argument
                yield from _parts(inner)
        elif isinstance(node, ast.BoolOp) and any(_is_truth(value) for value in node.values):
            yield from _parts(node)


def _parts(test: ast.expr) -> Iterator[ast.expr]:
    yield test
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _parts(value)
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _parts(test.operand)
    elif isinstance(test, ast.IfExp):
        yield from _parts(test.body)
        yield from _parts(test.orelse)


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
