"""What is mutated, and with which tests."""

import importlib
from pathlib import Path
from typing import Final

from tools.mutants.finding import Source

ROOT: Final = Path(__file__).parent.parent.parent

PACKAGES: Final = ("saml", "domain", "journey", "exchange")

MAKING: Final = frozenset(
    {
        *(
            "build",
            "catalogue_writing",
            "declaration_1_11",
            "metadata_writing",
            "names",
            "plain_assertion",
            "pretty",
        ),
        *(
            "artifacts",
            "client_certificates",
            "forwarded_certificate",
            "handshake",
            "http",
            "own",
            "partners",
        ),
        *("sending", "station", "tls"),
    }
)
"""Modules that make or send messages, and of the exchange all that is not about what a message says."""

TESTS: Final = (
    "tests/saml",
    "tests/domain",
    "tests/journey",
    "tests/exchange",
    "tests/limits",
    "tests/attacks",
)
"""The tests that run in one process, in a moment, without a box."""

WAITING: Final = ("tests/exchange/test_tls.py", "tests/exchange/test_http.py", "tests/limits/test_calls.py")
"""Of those, the ones that mostly wait for a clock."""


def sources() -> list[Source]:
    """Every module with validators, imported."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / "broker" / package).rglob("*.py")):
            if path.name == "__init__.py" or path.stem in MAKING:
                continue
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            importlib.import_module(module)
            found.append(Source(module, path))
    return found
