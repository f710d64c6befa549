"""Firing many cases one after another, and what came of each."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import urllib3

from broker.attacks.case import Case
from broker.attacks.draft import CannotBeMade
from broker.attacks.live.judging import Misjudged
from broker.attacks.live.judging import require
from broker.attacks.live.logins import NoLogin
from broker.attacks.live.stage import Stage


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case. ``wrong`` tells what the makelaar did otherwise, None when it reacted as it must.

    ``lacking`` tells why it was not fired at this makelaar: it then neither passed nor failed.
    """

    case: Case
    wrong: str | None
    seconds: float
    lacking: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the makelaar reacted as it must."""
        return self.wrong is None and self.lacking is None


def fire(stage: Stage, cases: Iterable[Case]) -> Iterator[Result]:
    """Fire each case. Whatever goes wrong counts against the makelaar: a case that did not run proves nothing."""
    for case in cases:
        if (lacking := stage.lacking(case)) is not None:
            yield Result(case, None, 0.0, lacking)
            continue
        began = perf_counter()
        wrong = _wrong(stage, case)
        yield Result(case, wrong, perf_counter() - began)


def _wrong(stage: Stage, case: Case) -> str | None:
    try:
        require(case, stage, stage.play(case))
    except Misjudged as error:
        return str(error)
    except (CannotBeMade, NoLogin) as error:
        return f"it could not be fired: {error}"
    except urllib3.exceptions.HTTPError as error:
        return f"the makelaar did not answer: {type(error).__name__}"
    except Exception as error:
        # An answer of a shape that nobody thought of, or a store that fails: the other cases are fired all the same.
        return f"it could not be judged: {type(error).__name__}: {error}"
    return None
