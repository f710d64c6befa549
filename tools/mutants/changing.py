"""What a removal makes of the syntax tree, and the probes that tell which tests a removal can touch at all."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Sequence
from types import CodeType
from typing import Final

from tools.mutants.finding import FLIPPED
from tools.mutants.finding import Kind
from tools.mutants.finding import Mutant
from tools.mutants.finding import Source
from tools.mutants.finding import exceptions
from tools.mutants.finding import without_half
from tools.mutants.probes import COMPARE
from tools.mutants.probes import EXTREME
from tools.mutants.probes import PASSED
from tools.mutants.probes import TRUTH
from tools.mutants.probes import sharp

Codes = dict[tuple[str, int], CodeType]
"""The code of each function of a module, by name and first line."""

_NONE: Final = -1


def removed(source: Source, mutant: Mutant) -> Codes:
    """The code of the module without the check."""
    tree = source.tree()
    node = list(ast.walk(tree))[mutant.node]
    _Removal(node, mutant).generic_visit(tree)
    return _compiled(tree, source)


def probed(source: Source, numbers: Iterable[tuple[int, Mutant]]) -> Codes:
    """The code of the module as it is, that notes the number of each mutant which would have made a difference."""
    tree = source.tree()
    nodes = list(ast.walk(tree))
    at: dict[int, list[tuple[int, Mutant]]] = defaultdict(list)
    for number, mutant in numbers:
        at[id(nodes[mutant.node])].append((number, mutant))
    _Probing(at).generic_visit(tree)
    return _compiled(tree, source)


def _compiled(tree: ast.Module, source: Source) -> Codes:
    code = compile(ast.fix_missing_locations(tree), str(source.path), "exec", dont_inherit=True)
    found: Codes = {}
    waiting = [code]
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, CodeType):
                found[constant.co_qualname, constant.co_firstlineno] = constant
                waiting.append(constant)
    return found


class _Removal(ast.NodeTransformer):
    def __init__(self, node: ast.AST, mutant: Mutant) -> None:
        self._node = node
        self._mutant = mutant

    def visit(self, node: ast.AST) -> ast.AST:
        if node is not self._node:
            return self.generic_visit(node)
        return ast.copy_location(_without(node, self._mutant.kind, self._mutant.part), node)


def _without(node: ast.AST, kind: Kind, part: int) -> ast.AST:
    match kind, node:
        case Kind.BRANCH, ast.If():
            node.test = _never(node.test)
        case Kind.CHOICE, ast.IfExp():
            node.test = (_always if part else _never)(node.test)
        case Kind.VERDICT, ast.Return(value=ast.expr() as value):
            node.value = (_always if part else _never)(value)
        case Kind.OPERAND, ast.BoolOp():
            node.values[part] = (_always if isinstance(node.op, ast.And) else _never)(node.values[part])
        case Kind.FILTER, ast.comprehension():
            node.ifs[part] = _always(node.ifs[part])
        case Kind.BOUNDARY, ast.Compare():
            node.ops[part] = FLIPPED[type(node.ops[part])]()
        case Kind.RANGE, ast.Compare():
            return without_half(node, part)
        case Kind.HANDLER, ast.ExceptHandler():
            kept = exceptions(node)
            del kept[part]
            node.type = ast.Tuple(kept, ast.Load())
        case Kind.EXTREME, ast.Call():
            del node.args[part]
            return node if len(node.args) > 1 else node.args[0]
        case Kind.CALL | Kind.RAISE, ast.Expr() | ast.Raise():
            # Not `pass`: what the statement names must stay known to the function, or its code fits no more.
            return ast.If(ast.Constant(False), [node], [])
    return node


def _never(test: ast.expr) -> ast.expr:
    # The condition is still worked out: it may give a name to something (`:=`) that is used later on.
    return ast.BoolOp(ast.And(), [test, ast.Constant(False)])


def _always(test: ast.expr) -> ast.expr:
    return ast.BoolOp(ast.Or(), [test, ast.Constant(True)])


class _Probing(ast.NodeTransformer):
    """Puts a probe at each node with mutants."""

    def __init__(self, at: dict[int, list[tuple[int, Mutant]]]) -> None:
        self._at = at

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        here = self._at.get(id(node), [])
        number = {(mutant.kind, mutant.part): number for number, mutant in here}
        node = self.generic_visit(node)
        if not number:
            return node
        match node:
            case ast.If():
                node.test = _truth(node.test, number.get((Kind.BRANCH, 0)), None)
            case ast.IfExp():
                node.test = _truth(node.test, number.get((Kind.CHOICE, 0)), number.get((Kind.CHOICE, 1)))
            case ast.Return(value=ast.expr() as value):
                node.value = _truth(value, number.get((Kind.VERDICT, 0)), number.get((Kind.VERDICT, 1)))
            case ast.BoolOp():
                for part, value in enumerate(node.values):
                    found = number.get((Kind.OPERAND, part))
                    is_and = isinstance(node.op, ast.And)
                    node.values[part] = _truth(value, None if is_and else found, found if is_and else None)
            case ast.comprehension():
                node.ifs = [
                    _truth(test, None, number.get((Kind.FILTER, part))) for part, test in enumerate(node.ifs)
                ]
            case ast.Compare():
                return _compare(node, number)
            case ast.ExceptHandler():
                node.body[:0] = [ast.Expr(_passed(each)) for each in number.values()]
            case ast.Call():
                numbers = [number.get((Kind.EXTREME, part), _NONE) for part in range(len(node.args))]
                arguments = [_tuple(numbers), node.func, *node.args]
                return ast.Call(ast.Name(EXTREME, ast.Load()), arguments, node.keywords)
            case ast.Expr():
                return _call_watched(node, number[Kind.CALL, 0])
            case ast.Raise():
                return [ast.Expr(_passed(number[Kind.RAISE, 0])), node]
        return node


def _truth(test: ast.expr, when_true: int | None, when_false: int | None) -> ast.expr:
    numbers = [_NONE if number is None else number for number in (when_true, when_false)]
    return _call(TRUTH, test, *map(ast.Constant, numbers))


def _compare(node: ast.Compare, number: dict[tuple[Kind, int], int]) -> ast.expr:
    parts = range(len(node.ops))
    boundaries = [number.get((Kind.BOUNDARY, part), _NONE) for part in parts]
    halves = [number.get((Kind.RANGE, part), _NONE) for part in parts]
    names = [type(operator).__name__ for operator in node.ops]
    tables = [_tuple(table) for table in (names, boundaries, halves)]
    return _call(COMPARE, *tables, node.left, *node.comparators)


def _call_watched(node: ast.Expr, number: int) -> list[ast.stmt]:
    """The call, noted; and noted as sharp when it raises, for then the check did what it is for."""
    refused = ast.ExceptHandler(None, None, [ast.Expr(_passed(sharp(number))), ast.Raise()])
    return [ast.Expr(_passed(number)), ast.Try([node], [refused], [], [])]


def _tuple(values: Sequence[str] | Sequence[int]) -> ast.expr:
    return ast.Tuple([ast.Constant(value) for value in values], ast.Load())


def _passed(number: int) -> ast.expr:
    return _call(PASSED, ast.Constant(number))


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
