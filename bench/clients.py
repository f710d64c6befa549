"""A number of clients that log in at once, until so many logins are done or the time is up."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from bench.stage import Stage
from bench.walk import Browser
from bench.walk import log_in
from broker.saml.declaration import Declaration

_JOIN_SECONDS = 60


@dataclass
class _Run:
    """What the clients of one run share."""

    logins: int
    deadline: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    begun: int = 0
    seconds: list[float] = field(default_factory=list)
    failure: BaseException | None = None

    def next(self) -> int | None:
        """The number of the next login, None when there is none."""
        with self.lock:
            if self.begun >= self.logins or self.failure is not None or time.monotonic() > self.deadline:
                return None
            self.begun += 1
            return self.begun


def run_clients(
    stage: Stage,
    address: tuple[str, int],
    *,
    clients: int,
    logins: int,
    seconds: float,
    look: Callable[[Declaration], None] | None = None,
) -> list[float]:
    """Have ``clients`` threads share out ``logins``; the seconds each login took.

    ``look`` sees what each login brought. Whatever goes wrong in any of them is raised here: a measurement of
    logins that fail is none.
    """
    run = _Run(logins, time.monotonic() + seconds)
    threads = [
        threading.Thread(target=_client, args=(run, stage, address, look), daemon=True)
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + _JOIN_SECONDS)
    if run.failure is not None:
        raise run.failure
    if any(thread.is_alive() for thread in threads) or not run.seconds:
        raise TimeoutError("the logins did not end in the time that was given")
    return run.seconds


def _client(
    run: _Run, stage: Stage, address: tuple[str, int], look: Callable[[Declaration], None] | None
) -> None:
    browser = Browser(*address)
    try:
        while (number := run.next()) is not None:
            took, declaration = log_in(stage, browser, number)
            run.seconds.append(took)
            if look is not None:
                look(declaration)
    except BaseException as error:
        run.failure = error
    finally:
        browser.close()
