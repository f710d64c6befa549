"""What `makelaar doctor` says of one thing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

WARN_BEFORE: Final = timedelta(days=60)
"""How long before its end a certificate is told of."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at; ``advice`` says what to do when it is not in order."""

    subject: str
    healthy: bool
    detail: str
    advice: str = ""
