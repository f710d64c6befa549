"""The pages of the machtigingenregister."""

from collections.abc import Sequence

from flask import render_template

from broker.network.consent import Question as Asked
from broker.network.machtigingenregister.options import Decision
from broker.network.machtigingenregister.options import Option
from broker.network.machtigingenregister.options import known_organisation
from broker.network.machtigingenregister.questions import Question
from broker.ports import MachtigingenStore
from broker.screens import current_language
from broker.screens import refusal_text

SEARCH_FROM = 8
"""With fewer companies than this, all can be seen at a glance."""

Choice = tuple[str, str, str, str | None, str | None, str | None]


def show_refusal(question: Question, decision: Decision, action: str, token: str) -> str:
    """Why the person may act for nobody here, and what to do about it."""
    reason = decision.reason
    words = refusal_text(current_language(), reason)
    return render_template(
        "mr_refusal.html",
        title=words.title,
        explanation=words.explanation,
        next_steps=words.next_steps,
        code=reason,
        action=action,
        token=token,
        **_context(question),
    )


def show_choice(
    question: Question,
    store: MachtigingenStore,
    choices: dict[str, Option],
    *,
    searched: str,
    notice: str | None,
    action: str,
    token: str,
) -> str:
    """The companies to choose from, those that fit ``searched`` if that was filled in."""
    companies = sorted(
        (_choice(store, choice_id, option) for choice_id, option in choices.items()),
        key=lambda choice: (choice[1].casefold(), choice[2], choice[4] or "", choice[5] or ""),
    )
    wanted = searched.casefold().strip() if len(companies) >= SEARCH_FROM else ""
    return render_template(
        "mr_choose.html",
        companies=[choice for choice in companies if wanted in choice[1].casefold() or wanted in choice[2]],
        total=len(companies),
        q=searched,
        error=notice,
        action=action,
        token=token,
        **_context(question),
    )


def show_consent(
    question: Question,
    asked: Sequence[Asked],
    withheld: Sequence[str],
    notice: str | None,
    action: str,
    token: str,
) -> str:
    """Which attributes of the company may go, or that the login cannot go on without those that were withheld."""
    return render_template(
        "consent_withheld.html" if withheld else "consent.html",
        questions=asked,
        withheld=withheld,
        error=notice,
        action=action,
        token=token,
        **_context(question),
    )


def _choice(store: MachtigingenStore, choice_id: str, option: Option) -> Choice:
    proof = option.proof
    via = None if proof.intermediary is None else known_organisation(store, proof.intermediary).name
    vestiging = None if proof.vestiging is None else proof.vestiging.reveal()
    subdossier = None if proof.subdossier is None else proof.subdossier.reveal()
    name = known_organisation(store, proof.company).name
    return choice_id, name, proof.company.reveal(), via, vestiging, subdossier


def _context(question: Question) -> dict[str, str | None]:
    language = current_language()
    return {
        "service_name": None if question.service.is_portal else question.service.name(language),
        "dv_name": question.service.dienstverlener_name(language),
    }
