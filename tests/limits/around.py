"""One less than a limit, the limit itself, and one more."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

AROUND: Final = pytest.mark.parametrize("more", [-1, 0, 1], ids=["one less", "the limit", "one more"])


@contextmanager
def past_it(more: int, *refusals: type[Exception]) -> Iterator[None]:
    """What happens inside is to be refused when, and only when, it is past the limit."""
    if more <= 0:
        yield
        return
    with pytest.raises(refusals):
        yield
