"""What is mutated, and with which tests."""

import importlib
from pathlib import Path
from typing import Final

from tools.mutants.finding import Source

ROOT: Final = Path(__file__).parent.parent.parent

PACKAGES: Final = ("saml", "domain", "journey")

MAKING: Final = frozenset(
    {
        *("build", "catalogue_form_writing", "catalogue_writing", "declaration_1_11", "metadata_writing"),
        *("names", "plain_assertion", "pretty"),
    }
)
"""Modules that make messages; what they hold judges nothing that comes in."""

TESTS: Final = (
    *("tests/saml", "tests/domain", "tests/journey", "tests/exchange"),
    *(f"tests/limits/test_{name}.py" for name in ("documents", "messages", "metadata", "times")),
    *("tests/attacks/test_saml.py", "tests/attacks/test_documents.py"),
)
"""The tests that run in one process, in a moment, without a box."""

LEFT_OUT: Final = (
    *("tests/exchange/test_tls.py", "tests/exchange/test_http.py"),
    *("tests/saml/test_same_face.py", "tests/saml/test_embedding.py"),
    *("tests/saml/test_our_cryptography.py", "tests/exchange/test_threads.py"),
    "tests/attacks/test_saml.py::test_the_judges_say_of_its_signatures_what_the_case_says",
)
"""Of those, the ones that mostly wait for a clock, do a thing ten thousand times, or ask other software."""


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
