"""What gunicorn itself writes down, without what opens something: setup links, test tickets, messages in a query.

By default it writes no line for a request. A fault, or somebody who turns the access log on, would bring addresses in.
"""

import logging
import re
from typing import Any
from typing import Final

from gunicorn.glogging import Logger

_SECRETS: Final = re.compile(r"(?<=/)[\w~%=-]{20,}|\?[^\s\"']+")
"""Parts of a path that nobody guesses, and everything behind a question mark."""


def masked(line: str) -> str:
    """The line without secrets of addresses."""
    return _SECRETS.sub("…", line)


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn has no annotations
    """The logger of every process that listens: ``--logger-class broker.cli.server_log.ServerLog``."""

    def setup(self, cfg: Any) -> None:
        """Open the logs as gunicorn does, and mask whatever goes into them."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.addFilter(_mask)


def _mask(record: logging.LogRecord) -> bool:
    record.msg, record.args = masked(record.getMessage()), ()
    return True
