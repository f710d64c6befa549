"""The pages that a dienstverlener opens with a setup link: check, hand over, test. No operator, no session, no cookie.

The token in the address is all the proof there is; whoever does not know it cannot make a form for these pages, so they
need no other token. It is written to no log.
"""

from flask import Blueprint
from flask import Flask
from flask import Response
from flask import make_response
from flask import render_template
from flask import request
from werkzeug.exceptions import NotFound

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.assembly.web import see_other
from broker.checks.pages import to_fragment
from broker.checks.pages import to_page
from broker.onboarding.rehearsing import NotThisTest
from broker.onboarding.rehearsing import Rehearsals
from broker.onboarding.setup_desk import Handed
from broker.onboarding.setup_desk import NotHere
from broker.onboarding.setup_desk import SetupDesk
from broker.onboarding.setup_links import PATH
from broker.onboarding.setup_links import SetupLinks
from broker.ports import Role
from broker.ports.versions import Origin
from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK
from broker.rehearsals.seen import Seen
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.screens import current_language

_STATUS = {"too_often": 429, "other_entity": 403}
_BAD = 400


def add_to(app: Flask, assembled: Assembled) -> None:
    """Give the application these pages; ``assembled`` is the makelaar."""
    pages = _Pages(assembled)
    blueprint = Blueprint("setup", __name__)
    blueprint.add_url_rule(f"{PATH}/<token>", "start", pages.start)
    blueprint.add_url_rule(f"{PATH}/<token>", "act", pages.act, methods=["POST"])
    blueprint.add_url_rule(f"{PATH}/<token>/report", "report", pages.report)
    blueprint.add_url_rule(f"{PATH}/<token>/report.json", "report_json", pages.report_json)
    app.register_blueprint(blueprint)
    if (csrf := app.extensions.get("csrf")) is not None:
        csrf.exempt(blueprint)


class _Pages:
    def __init__(self, assembled: Assembled) -> None:
        self._assembled = assembled
        self._links = SetupLinks(assembled.engine, assembled.station.own.clock)

    def start(self, token: str) -> Response:
        """What there is, and what can be done."""
        return self._show(token, self._desk(token))

    def act(self, token: str) -> Response:
        """A button was pressed."""
        desk = self._desk(token)
        try:
            desk.count()
            return self._done(token, desk, request.form.get("do", ""))
        except NotHere as error:
            return self._show(token, desk, problem=error.code, status=_STATUS.get(error.code, _BAD))

    def _done(self, token: str, desk: SetupDesk, button: str) -> Response:
        if button == "test":
            form = request.form
            started = desk.start(
                form.get("kind", ""), form.get("service", ""), form.get("login_url", "").strip()
            )
            return see_other(started.url)
        if button == "saw":
            self._saw(desk)
        elif button in ("check", "submit"):
            handed = _handed(desk)
            report = desk.check(handed)
            if button == "submit":
                desk.submit(handed, report)
        return see_other(f"{PATH}/{token}")

    def _saw(self, desk: SetupDesk) -> None:
        form, entity_id = request.form, desk.link.entity_id or ""
        try:
            Rehearsals(self._assembled).saw(
                form.get("id", ""), entity_id, form.get("seen", ""), desk.link.who
            )
        except NotThisTest:
            raise NotHere("choose") from None

    def report(self, token: str) -> Response:
        """The whole report as a page of its own."""
        report = self._desk(token).report()
        if report is None:
            raise NotFound
        return Response(to_page(report, current_language()), content_type="text/html; charset=utf-8")

    def report_json(self, token: str) -> Response:
        """The whole report as JSON."""
        report = self._desk(token).report()
        if report is None:
            raise NotFound
        return Response(report.to_json(), content_type="application/json")

    def _desk(self, token: str) -> SetupDesk:
        link = self._links.find(token)
        if link is None:
            raise NotFound
        return SetupDesk(self._assembled, link)

    def _show(self, token: str, desk: SetupDesk, problem: str | None = None, status: int = 200) -> Response:
        language = current_language()
        report, partner = desk.report(), self._partner(desk)
        tests = [] if partner is None else Rehearsals(self._assembled).of(partner.entity_id)
        page = render_template(
            "setup.html",
            here=f"{PATH}/{token}",
            link=desk.link,
            problem=problem,
            report=report,
            fragment=None if report is None else to_fragment(report, language, level=3),
            versions=[(each.number, each.state, each.created_at) for each in desk.versions()],
            metadata_url=self._assembled.public_url + paths.METADATA,
            services=[]
            if partner is None
            else [(each.service_id, each.name(language)) for each in partner.catalogue.values()],
            is_connected=partner is not None,
            kinds=[
                (LOOK, None),
                *((each.id, each.title(language)) for each in Rehearsals(self._assembled).kinds()),
            ],
            tests=[
                (
                    each,
                    KINDS[each.kind].title(language) if each.kind in KINDS else None,
                    judge(KINDS[each.kind], Seen(each.seen)) or "good"
                    if each.seen and each.kind in KINDS
                    else None,
                )
                for each in tests
            ],
            done=len({each.kind for each in tests if each.seen and each.kind in KINDS}),
            total=len(KINDS),
            choices=list(Seen),
        )
        return make_response(page, status)

    def _partner(self, desk: SetupDesk) -> Partner | None:
        try:
            return self._assembled.station.partners.find(desk.link.entity_id or "", Role.DV)
        except UnknownPartner:
            return None


def _handed(desk: SetupDesk) -> Handed:
    """The documents in this form: uploaded, pasted or at an address, each in one of these ways."""
    metadata, origin = _document(desk, "metadata")
    if metadata is None:
        raise NotHere("no_metadata")
    return Handed(metadata, _document(desk, "catalogue")[0], origin)


def _document(desk: SetupDesk, name: str) -> tuple[bytes | None, Origin]:
    uploaded = request.files.get(f"{name}_file")
    data = uploaded.read() if uploaded is not None else b""
    if data:
        return data, Origin.UPLOAD
    if text := request.form.get(name, "").strip():
        return text.encode("utf-8"), Origin.PASTE
    if url := request.form.get(f"{name}_url", "").strip():
        return desk.fetch(url), Origin.URL
    return None, Origin.UPLOAD
