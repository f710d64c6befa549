"""The pages of the authenticatiedienst."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from broker.assembly.codes import Codes
from broker.assembly.party import Assembled
from broker.domain.levels import LevelOfAssurance
from broker.exchange.http import PartnerUnavailable
from broker.network.authenticatiedienst.requests import LoginFlow
from broker.network.consent import Question
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.persons import TestPerson
from broker.network.persons import persons
from broker.ports import Role
from broker.saml.errors import SamlError
from broker.screens import current_language


@dataclass(frozen=True, slots=True)
class Pages:
    """Shows the page that a login has come to, with the test persons of a practice network beside it."""

    assembled: Assembled
    dienstencatalogus: Dienstencatalogus
    codes: Codes

    def show(
        self, flow: LoginFlow, action: str, token: str, providers: Sequence[tuple[str, str]] = ()
    ) -> str:
        """Login, code, or a middel that is too weak. ``action`` is where its form goes.

        ``providers`` are (entityID, name) of identity providers where somebody may log in instead.
        """
        service_name, dv_name = self._names(flow)
        context = {
            "action": action,
            "token": token,
            "service_name": service_name,
            "dv_name": dv_name,
            "level_label": flow.required.label,
            "error": flow.notice,
        }
        if flow.too_low is not None:
            weak = LevelOfAssurance.from_short(flow.too_low)
            return render_template("ad_too_low.html", middel_level_label=weak.label, **context)
        if flow.proven is not None:
            return render_template("ad_otp.html", otp_now=self._code_of(flow.proven), **context)
        return render_template(
            "ad_login.html",
            username=flow.typed,
            offers_to_stay=flow.offers_to_stay,
            stay=flow.stay,
            test_persons=self._test_persons(),
            providers=providers,
            **context,
        )

    def consent(self, flow: LoginFlow, found: Sequence[Question], action: str, token: str) -> str:
        """Which attributes may go, or that the login cannot go on without those that were withheld."""
        service_name, dv_name = self._names(flow)
        return render_template(
            "consent_withheld.html" if flow.withheld else "consent.html",
            action=action,
            token=token,
            service_name=service_name,
            dv_name=dv_name,
            questions=found,
            withheld=flow.withheld,
            error=flow.notice,
        )

    def _names(self, flow: LoginFlow) -> tuple[str | None, str]:
        """Service and dienstverlener as the catalogue names them, or else as the request does."""
        language = current_language()
        try:
            makelaar = self.assembled.station.partners.find(flow.makelaar, Role.HM)
            catalogue = self.dienstencatalogus.of(makelaar, in_test=flow.catalogue)
        except (SamlError, PartnerUnavailable):
            return None, flow.provider_name or flow.intended_audience
        service = catalogue.by_uuid(flow.service_uuid, flow.dienstverlener)
        if service is None:
            return None, flow.provider_name or flow.intended_audience
        return None if service.is_portal else service.name(language), service.dienstverlener_name(language)

    def _test_persons(self) -> list[tuple[str, str, str | None, str, str]]:
        dutch = current_language() == "nl"
        return [
            (
                person.username,
                person.password,
                self._code(person),
                LevelOfAssurance.from_short(person.level).label,
                person.shows if dutch else person.shows_en,
            )
            for person in self._own_persons()
        ]

    def _code_of(self, username: str) -> str | None:
        return next(
            (self._code(person) for person in self._own_persons() if person.username == username), None
        )

    def _code(self, person: TestPerson) -> str | None:
        if person.totp_secret is None:
            return None
        now = self.assembled.station.own.clock()
        return self.codes.current(person.totp_secret, now)

    def _own_persons(self) -> list[TestPerson]:
        here = self.assembled.party.entity_id
        return [person for person in persons(self.assembled.settings) if person.ad == here]
