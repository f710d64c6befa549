"""Gives functions that are in use other code, in this process only."""

import gc
import sys
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from types import FunctionType

from tools.mutants.changing import Codes
from tools.mutants.finding import Source
from tools.mutants.probes import PROBES

Functions = Mapping[tuple[str, str, int], list[FunctionType]]
"""The functions of each module, by file, name and first line: a decorator may have hidden one from its module."""


def functions(sources: Iterable[Source]) -> Functions:
    """All functions that were made from the text of these modules, which must be imported."""
    files = {str(source.path) for source in sources}
    found = defaultdict(list)
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename in files:  # isinstance asks proxies
            code = each.__code__
            found[code.co_filename, code.co_qualname, code.co_firstlineno].append(each)
    return found


def swap(source: Source, codes: Codes, known: Functions, only: str | None = None) -> int:
    """Give the functions of the module, or ``only`` the one with this name, the code; how many were changed."""
    changed = 0
    for (name, line), code in codes.items():
        if only is None or name == only:
            for function in known.get((str(source.path), name, line), ()):
                function.__code__ = code
                changed += 1
    return changed


def let_probe(source: Source) -> None:
    """Give the module what probed code calls."""
    vars(sys.modules[source.module]).update(PROBES)


def empty_cache(source: Source) -> None:
    """Forget what functions of the module have remembered, since they may say something else now."""
    for each in vars(sys.modules[source.module]).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
