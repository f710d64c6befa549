"""The example messages in docs/flows are true: they are valid, and there is a page for each kind of login."""

import re
from pathlib import Path

import pytest
from lxml import etree

from broker.saml.parsing import parse
from broker.saml.schema import list_faults
from tools.traces.flows import FLOWS
from tools.traces.flows import Flow

FOLDER = Path(__file__).parents[2] / "docs" / "flows"
EXAMPLES = [
    pytest.param(found.group(1).encode(), id=f"{page.stem}-{number}")
    for page in sorted(FOLDER.glob("*.md"))
    for number, found in enumerate(re.finditer(r"```xml\n(.*?)```", page.read_text("utf-8"), re.DOTALL), 1)
]


def test_every_kind_of_login_has_its_page_and_no_page_is_left_over() -> None:
    assert {page.stem for page in FOLDER.glob("*.md")} == {"README", *(flow.name for flow in FLOWS)}


@pytest.mark.parametrize("message", EXAMPLES)
def test_every_message_is_valid_against_the_schemas(message: bytes) -> None:
    assert list_faults(parse(message)) == []


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_login_is_shown_from_question_to_answer(flow: Flow) -> None:
    text = (FOLDER / f"{flow.name}.md").read_text("utf-8")
    messages = [
        etree.fromstring(found.encode()) for found in re.findall(r"```xml\n(.*?)```", text, re.DOTALL)
    ]
    kinds = [
        etree.QName(node).localname for root in messages for node in root.iter() if isinstance(node.tag, str)
    ]
    assert "AuthnRequest" in kinds
    assert "Response" in kinds
