"""The rules themselves: every row is whole, and a rule that we must keep is proven."""

import re
from importlib import import_module

from tools.conformance import SURE
from tools.conformance import proofs
from tools.conformance import rules
from tools.conformance import sections
from tools.conformance import status

SENTENCE = re.compile(r".{9,}[.…]")


def exists(path: str) -> bool:
    """Whether a dotted path leads to something in a module, or in a class of one; a pydantic field counts."""
    module, _, name = path.rpartition(".")
    holder: object
    try:
        holder = import_module(module)
    except ModuleNotFoundError:
        outer, _, inner = module.rpartition(".")
        holder = getattr(import_module(outer), inner, None) if outer else None
    return hasattr(holder, name) or name in getattr(holder, "model_fields", {})


def test_every_rule_has_a_section_a_letter_and_a_sentence() -> None:
    broken = [
        rule
        for rule in rules().values()
        if rule.section not in sections() or rule.sure not in SURE or not SENTENCE.fullmatch(rule.rule)
    ]

    assert broken == []


def test_what_is_not_ours_awaits_nothing_and_stands_nowhere() -> None:
    assert [rule for rule in rules().values() if rule.note and (rule.awaits or rule.where)] == []


def test_what_is_not_ours_is_not_tested_either() -> None:
    assert [rule for rule in rules().values() if rule.note and rule.number in proofs()] == []


def test_every_rule_that_we_are_sure_of_is_proven() -> None:
    unproven = [
        f"{rule.number} {rule.rule}"
        for rule in rules().values()
        if rule.sure in {"N", "O"} and status(rule) == "open" and rule.awaits is None
    ]

    assert unproven == [], "no test carries @pytest.mark.rule with these numbers"


def test_every_rule_that_we_are_unsure_of_says_where_our_choice_stands() -> None:
    assert [
        rule for rule in rules().values() if rule.sure == "U" and not (rule.where or rule.note or rule.awaits)
    ] == []


def test_what_a_rule_points_at_is_there() -> None:
    assert [rule for rule in rules().values() if rule.where and not exists(rule.where)] == []


def test_a_path_that_leads_nowhere_is_noticed() -> None:
    assert exists("broker.saml.names.SAML")
    assert exists("broker.settings.Settings.advice_in_chain")
    assert not exists("broker.saml.names.SAMLL")
    assert not exists("broker.settings.Settings.advice")
    assert not exists("broker.nowhere.at_all")


def test_every_number_on_a_test_is_a_rule() -> None:
    assert proofs().keys() - rules().keys() == set()
