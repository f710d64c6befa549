"""The two screens of the makelaar, and the page on which a refusal ends."""

from flask import Response
from flask import make_response
from flask import render_template
from flask import request

from broker.domain.services import Service
from broker.exchange.own import system_clock
from broker.journey.authentication import eligible
from broker.journey.authentication import within_scope
from broker.journey.record import Journey
from broker.journey.refusals import CHOSEN_OTHERWISE
from broker.journey.refusals import refusal
from broker.journey.table import State
from broker.makelaar.context import Makelaar
from broker.ports import Role
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.screens import current_language
from broker.screens import refusal_text
from broker.screens import show_moment

REMEMBERED = "hm-ad"
"""The cookie with the authenticatiedienst that was chosen last: the entityID of a party, which names nobody."""


def action(journey: Journey) -> str:
    """The address of a login's page, and where its forms go."""
    return f"/journey/{journey.id}"


def choose_ad(hm: Makelaar, journey: Journey, status: int = 200, notice: str | None = None) -> Response:
    """Screen one: choose an authenticatiedienst (rules A1, A7-A11)."""
    language = current_language()
    service = hm.own_service(journey)
    diensten = able_diensten(hm, journey, language)
    shown = notice or journey.notice
    page = render_template(
        "choose_ad.html",
        action=action(journey),
        token=hm.binder.token(request, journey.id),
        service_name=_service_name(service, language),
        dv_name=service.dienstverlener_name(language)
        if service
        else dienstverlener_name(hm, journey, language),
        provider_name=journey.provider_name,
        provided=_provided(hm, journey, language),
        level_label=journey.required_level.label,
        ads=[(dienst.entity_id, dienst.display_name(language)) for dienst in diensten],
        notice=shown and f"hm.notice.{shown}",
        notice_values={"name": _ad_name(hm, journey, language)},
        remember_checked=True,
        preselected=journey.authenticatiedienst,
    )
    return make_response(page, status)


def able_diensten(hm: Makelaar, journey: Journey, language: str) -> list[Partner]:
    """The authenticatiediensten that can serve this login, in the order of the list."""
    able = eligible(hm.station.partners.in_role(Role.AD), journey.required_level, language)
    return within_scope(able, journey.scoped)


def refused(hm: Makelaar, journey: Journey) -> Response:
    """The page of a refusal of which the dienstverlener is proven: with a way back, and often another try."""
    language = current_language()
    row = refusal(journey.code or "storing")
    words = refusal_text(language, row.code)
    service = hm.own_service(journey)
    same_middel = row.code in CHOSEN_OTHERWISE
    can_choose = row.can_choose_other and journey.state is State.REFUSED
    page = render_template(
        "refusal.html",
        title=words.title,
        explanation=words.explanation,
        next_steps=words.next_steps,
        code=row.code,
        reference=journey.reference,
        time=show_moment(system_clock(), language),
        can_choose_other=can_choose and not same_middel,
        can_try_again=can_try_again(journey) or (can_choose and same_middel),
        back_name=dienstverlener_name(hm, journey, language),
        service_name=_service_name(service, language),
        action=action(journey),
        token=hm.binder.token(request, journey.id),
    )
    return make_response(page, 400 if journey.state is State.REJECTED else 200)


def can_try_again(journey: Journey) -> bool:
    """Whether a refusal at eIDAS, where there is no list to choose from, may be followed by another try."""
    return journey.state is State.EIDAS_REFUSED and refusal(journey.code or "storing").can_choose_other


def towards_eb(hm: Makelaar, journey: Journey) -> Response:
    """For who comes back from the eIDAS-berichtenservice without an answer: on to it again, or stop."""
    language = current_language()
    service = hm.service(journey)
    page = render_template(
        "towards_eb.html",
        action=action(journey),
        token=hm.binder.token(request, journey.id),
        service_name=service.name(language) if service else None,
        dv_name=dienstverlener_name(hm, journey, language),
    )
    return make_response(page)


def _service_name(service: Service | None, language: str) -> str | None:
    """The name to show; none for a portal, which is no service of its own to people (rule A11), or without a name."""
    if service is None or service.is_portal or not service.is_defined:
        return None
    return service.name(language)


def _provided(hm: Makelaar, journey: Journey, language: str) -> tuple[str, str] | None:
    """Dienstaanbieder and service to name beside those of a dienstbemiddelaar (rule A11)."""
    service = hm.service(journey) if journey.provider else None
    return None if service is None else (service.dienstverlener_name(language), service.name(language))


def dienstverlener_name(hm: Makelaar, journey: Journey, language: str) -> str:
    """The name of the dienstverlener, from its catalogue, else from its metadata."""
    try:
        return hm.dienstverlener(journey).organisation_name(language)
    except UnknownPartner:
        return journey.dienstverlener


def _ad_name(hm: Makelaar, journey: Journey, language: str) -> str:
    if journey.authenticatiedienst is None:
        return ""
    try:
        return hm.station.partners.find(journey.authenticatiedienst, Role.AD).display_name(language)
    except UnknownPartner:
        return journey.authenticatiedienst
