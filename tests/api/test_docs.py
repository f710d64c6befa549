"""The curl commands of docs/api.md do what they say."""

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from broker.ports.tokens import Scope
from tests.api.conftest import DV
from tests.api.conftest import DV_ID
from tests.api.conftest import Api

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines() if line
]


def test_the_page_shows_how_each_kind_of_thing_is_done() -> None:
    assert sum(command.startswith("curl ") for command in COMMANDS) >= 9
    assert len({command.partition("$API/")[2].partition("/")[0] for command in COMMANDS}) >= 5


def test_its_commands_work_one_after_the_other(fresh: Api, documents: tuple[Path, bytes, bytes]) -> None:
    _, metadata, catalogue = documents
    unsigned = re.sub(r"<ds:Signature>.*?</ds:Signature>", "", catalogue.decode(), flags=re.DOTALL)
    changed = unsigned.replace("Gemeente Voorbeeld", "Gemeente Elders")
    files = {"@documents.json": json.dumps({"metadata": metadata.decode(), "catalogue": changed})}
    known = {
        "$TOKEN": fresh.headers["Authorization"].split()[1],
        "$API": "",
        "$PARTNER": DV_ID,
        "$ENTITY_ID": DV,
    }
    for command in COMMANDS:
        if not command.startswith("curl "):
            continue
        for name, value in known.items():
            command = command.replace(name, value)
        answer = carried_out(fresh, shlex.split(command)[1:], files)
        assert answer.status_code in {200, 201}, (command, answer.text)
        if "/versions " in command + " " and answer.is_json and "version" in answer.json:
            known["$VERSION"] = answer.json["version"]["id"]
        if answer.is_json and "link" in answer.json:
            known["$LINK"] = answer.json["link"]["id"]


def carried_out(api: Api, words: list[str], files: dict[str, str]) -> Any:
    """What curl would do with these words."""
    headers: dict[str, str] = {}
    method, body, path = "GET", None, ""
    remaining = iter(words)
    for word in remaining:
        if word == "-H":
            name, _, value = next(remaining).partition(": ")
            headers[name] = value
        elif word == "--json":
            given = next(remaining)
            method, body = "POST", files.get(given, given)
            headers["Content-Type"] = "application/json"
        elif word == "--data-urlencode":
            name, _, value = next(remaining).partition("=")
            path = "?" + urlencode({name: value})
        elif word != "-G":
            path = word + path
    return api.call(method, path, data=body, headers=headers)


@pytest.mark.parametrize("scope", sorted(set(re.findall(r"`(\w+:(?:read|write))`", PAGE))))
def test_the_scopes_on_the_page_exist(scope: str) -> None:
    assert Scope(scope)
