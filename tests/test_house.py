"""The rules of the house that no tool checks."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "broker").rglob("*.py"))
TEMPLATES = sorted((ROOT / "broker").rglob("*.html"))
MAXIMUM = 400
MEDIAN = 120
DICTATED = {"upgrade", "downgrade", "process_bind_param", "process_result_value"}
"""Names that Alembic and SQLAlchemy give, with the meaning their documentation says."""

THE_ONE_SCRIPT = ROOT / "broker/console/templates/pieces.html"
"""A passkey needs a script, which the console's pages about passkeys name; no page of a login has any."""

FORBIDDEN = {
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a path of somebody's home": re.compile(rb"(?<![\w.])/(?:home|Users)/[a-z][\w.-]*/|(?<![\w/.])/root/"),
    "a package registry of somebody's own": re.compile(
        rb"--(?:extra-)?index-url[ =]|(?:^|\s)index-url *=|/simple/?(?=[\s\"']|$)|[\w.-]+/(?:artifactory|nexus)/",
        re.MULTILINE,
    ),
}

every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


@cache
def tracked() -> list[Path]:
    """Every file of the repository, and every new one that is not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def public(node: ast.AST) -> list[ast.FunctionDef | ast.ClassDef]:
    """The public functions, classes and methods directly in ``node``, and in its public classes."""
    found: list[ast.FunctionDef | ast.ClassDef] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            found.append(child)
            if isinstance(child, ast.ClassDef):
                found += public(child)
    return found


@cache
def described_by_ports() -> set[str]:
    """The methods that a port describes, so that its adapters need not."""
    return {
        node.name
        for path in (ROOT / "broker/ports").glob("*.py")
        for node in public(parsed(path))
        if isinstance(node, ast.FunctionDef)
    }


def is_declared_only(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether this is a line of a Protocol, which its type describes: ``def id(self) -> str: ...``."""
    return ast.unparse(node.body[-1]) == "..."


@every_module
def test_no_module_is_longer_than_one_can_oversee(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAXIMUM


def test_most_modules_hold_one_idea() -> None:
    lengths = sorted(len(path.read_text("utf-8").splitlines()) for path in MODULES)

    assert lengths[len(lengths) // 2] <= MEDIAN


@every_module
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path)) or not parsed(path).body


@every_module
def test_every_public_function_and_class_says_what_it_means(path: Path) -> None:
    silent = {
        node.name
        for node in public(parsed(path))
        if not ast.get_docstring(node) and not is_declared_only(node)
    }

    assert silent - described_by_ports() - DICTATED == set()


@every_module
def test_no_check_is_an_assertion_that_python_can_leave_out(path: Path) -> None:
    # CVE-2017-1000433: python -O leaves assert statements out, and with them what they checked.
    found = [node.lineno for node in ast.walk(parsed(path)) if isinstance(node, ast.Assert)]
    assert found == []
    assert "__debug__" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_page_holds_a_script(path: Path) -> None:
    page = path.read_text("utf-8").lower()
    if path == THE_ONE_SCRIPT:
        page = page.replace('<script src="{{ asset_url("passkey.js") }}" defer></script>', "")

    assert "<script" not in page
    assert "javascript:" not in page
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", page)
    assert not re.search(r"<[^>]*\sstyle\s*=", page)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_repository_holds_none_of_what_is_somebodys_own(what: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path != Path(__file__) and FORBIDDEN[what].search(path.read_bytes())
    ]

    assert found == []


def test_the_forbidden_is_recognised_when_it_is_there() -> None:
    assert FORBIDDEN["a private key"].search(b"-----BEGIN RSA " + b"PRIVATE KEY-----\n")
    assert FORBIDDEN["a path of somebody's home"].search(b"open('/home/" + b"jan/x')")
    assert FORBIDDEN["a path of somebody's home"].search(b"see /ro" + b"ot/x")
    assert FORBIDDEN["a package registry of somebody's own"].search(b"--index-url " + b"https://x")
    assert not FORBIDDEN["a path of somebody's home"].search(b"https://example.nl/home/index.html")


def test_no_file_is_named_like_a_key_or_a_database() -> None:
    assert [
        path.name for path in tracked() if path.suffix in {".key", ".pem", ".p12", ".pfx", ".db", ".sqlite"}
    ] == []
