"""docs/connect/README.md explains each finding that a check of metadata or catalogue can make."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKS = (
    ROOT / "broker/saml/metadata.py",
    ROOT / "broker/saml/metadata_checks.py",
    ROOT / "broker/saml/catalogue.py",
    ROOT / "broker/saml/attribute_rules.py",
    ROOT / "broker/assembly/onboarding.py",
)
_OF_OTHERS = {"check_authenticatiedienst", "check_plain_provider"}
"""Checks of partners that do not read that page."""

_LEAST = 12
"""Shorter pieces of text, between two values, are not worth looking for."""


def findings() -> Iterator[str]:
    """The fixed text of every reason; of one with values in it the longest piece, to its first comma."""
    for path in CHECKS:
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name not in _OF_OTHERS:
                yield from _in(function)


def _in(function: ast.FunctionDef) -> Iterator[str]:
    named = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 3:
            reason = node.args[1]
            reason = named.get(reason.id, reason) if isinstance(reason, ast.Name) else reason
            if node.func.attr in {"error", "warn"} and (text := _fixed(reason)):
                yield text


def _fixed(reason: ast.expr) -> str:
    pieces = reason.values if isinstance(reason, ast.JoinedStr) else [reason]
    texts = [
        piece.value for piece in pieces if isinstance(piece, ast.Constant) and isinstance(piece.value, str)
    ]
    longest = re.split("[;,]", max(texts, key=len, default="").strip(" ,:;()"))[0]
    return longest if len(longest) >= _LEAST else ""


@pytest.mark.parametrize("text", sorted(set(findings())))
def test_every_finding_is_explained(text: str) -> None:
    assert text in " ".join((ROOT / "docs/connect/README.md").read_text("utf-8").split())


def test_the_findings_are_found() -> None:
    assert len(set(findings())) > 20
