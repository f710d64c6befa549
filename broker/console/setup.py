"""The pages that a dienstverlener opens with a setup link: check, hand over, test. No operator, no session, no cookie.

The token in the address is all the proof there is; whoever does not know it cannot make a form for these pages, so they
need no other token. It is written to no log.
"""

from collections.abc import Sequence

from flask import Blueprint
from flask import Flask
from flask import Response
from flask import make_response
from flask import render_template
from flask import request
from werkzeug.exceptions import NotFound

from broker.assembly.party import Assembled
from broker.assembly.web import see_other
from broker.checks import CheckReport
from broker.checks.pages import to_fragment
from broker.checks.pages import to_page
from broker.console.scripts import leads_to
from broker.console.setup_software import SoftwarePages
from broker.onboarding.rehearsing import Rehearsals
from broker.onboarding.setup_desk import Handed
from broker.onboarding.setup_desk import NotHere
from broker.onboarding.setup_desk import SetupDesk
from broker.onboarding.setup_links import PATH
from broker.onboarding.setup_links import SetupLinks
from broker.onboarding.setup_steps import Step
from broker.onboarding.setup_steps import standing
from broker.ports.rehearsals import Rehearsal
from broker.ports.versions import Origin
from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK
from broker.rehearsals.seen import Seen
from broker.screens import current_language

_STATUS = {"too_often": 429, "other_entity": 403}
_BAD = 400
_DONE = frozenset({"check", "new", "known", "unchanged", "saw"})


def add_to(app: Flask, assembled: Assembled) -> None:
    """Give the application these pages; ``assembled`` is the makelaar."""
    pages = _Pages(assembled)
    software = SoftwarePages(assembled, pages.desk)
    blueprint = Blueprint("setup", __name__)
    here = f"{PATH}/<token>"
    blueprint.add_url_rule(here, "start", pages.start)
    blueprint.add_url_rule(here, "act", pages.act, methods=["POST"])
    blueprint.add_url_rule(f"{here}/report", "report", pages.report)
    blueprint.add_url_rule(f"{here}/report.json", "report_json", pages.report_json)
    blueprint.add_url_rule(f"{here}/software", "software", software.show)
    blueprint.add_url_rule(f"{here}/software/<product>/<int:number>", "file", software.file)
    app.register_blueprint(blueprint)
    if (csrf := app.extensions.get("csrf")) is not None:
        csrf.exempt(blueprint)


class _Pages:
    def __init__(self, assembled: Assembled) -> None:
        self._assembled = assembled
        self._links = SetupLinks(assembled.engine, assembled.station.own.clock)

    def desk(self, token: str) -> SetupDesk:
        """The desk of the link with this token; a 404 when it opens nothing (any more)."""
        link = self._links.find(token)
        if link is None:
            raise NotFound
        return SetupDesk(self._assembled, link)

    def start(self, token: str) -> Response:
        """What there is, and what can be done."""
        return self._show(token, self.desk(token))

    def act(self, token: str) -> Response:
        """A button was pressed."""
        desk = self.desk(token)
        try:
            desk.count()
            return self._done(token, desk, request.form.get("do", ""))
        except NotHere as error:
            return self._show(token, desk, error, _STATUS.get(error.code, _BAD))

    def _done(self, token: str, desk: SetupDesk, button: str) -> Response:
        form, done = request.form, ""
        if button == "test":
            started = desk.start(
                form.get("kind", ""),
                form.get("service", ""),
                form.get("login_url", "").strip(),
                form.get("version", ""),
            )
            return see_other(started.url)
        if button == "saw":
            desk.saw(form.get("id", ""), form.get("seen", ""))
            done = "?done=saw#yours"
        elif button in ("check", "submit"):
            handed = _handed(desk)
            report = desk.check(handed)
            done = "?done=check#report"
            if button == "submit":
                done = f"?done={desk.submit(handed, report).outcome}"
        return see_other(f"{PATH}/{token}{done}")

    def report(self, token: str) -> Response:
        """The whole report as a page to keep: it has styles of its own, which no page of ours may have."""
        response = Response(
            to_page(self._report(token), current_language()), content_type="text/html; charset=utf-8"
        )
        response.headers.set("Content-Disposition", "attachment", filename="report.html")
        return response

    def report_json(self, token: str) -> Response:
        """The whole report as JSON."""
        return Response(self._report(token).to_json(), content_type="application/json")

    def _report(self, token: str) -> CheckReport:
        report = self.desk(token).report()
        if report is None:
            raise NotFound
        return report

    def _show(
        self, token: str, desk: SetupDesk, problem: NotHere | None = None, status: int = 200
    ) -> Response:
        language = current_language()
        leads_to(self._assembled.public_url)
        report, versions, tests = desk.report(), desk.versions(), desk.tests()
        partner, in_test, is_theirs = desk.partner(), desk.in_test(), desk.is_theirs()
        kinds = Rehearsals(self._assembled).kinds()
        page = render_template(
            "setup.html",
            here=f"{PATH}/{token}",
            name=desk.link.name if partner is None else partner.organisation_name(language),
            link=desk.link,
            problem=problem,
            typed=request.form if problem else {},
            done=request.args.get("done") if request.args.get("done") in _DONE else None,
            standing=standing(report, versions, tests, len(kinds)),
            steps=list(Step),
            report=None if report is None else to_fragment(report, language, level=3),
            versions=versions,
            metadata_url=desk.metadata_url(),
            is_theirs=is_theirs,
            in_test=in_test,
            services=[]
            if partner is None
            else [(each.service_id, each.name(language)) for each in partner.catalogue.values()],
            kinds=[(LOOK, None), *((each.id, each.title(language)) for each in kinds)],
            total=len(kinds),
            tests=_judged(tests),
            numbers={each.id: each.number for each in versions},
            choices=list(Seen),
        )
        return make_response(page, status)


def _judged(tests: Sequence[Rehearsal]) -> list[tuple[Rehearsal, str | None, str | None]]:
    """Each test with its title, and what is to be said of what was seen."""
    language = current_language()
    found: list[tuple[Rehearsal, str | None, str | None]] = []
    for each in tests:
        kind = KINDS.get(each.kind)
        verdict = (judge(kind, Seen(each.seen)) or "good") if kind is not None and each.seen else None
        found.append((each, None if kind is None else kind.title(language), verdict))
    return found


def _handed(desk: SetupDesk) -> Handed:
    """The documents in this form: uploaded, pasted or at an address, each in one of these ways."""
    metadata, origin = _document(desk, "metadata")
    if metadata is None:
        raise NotHere("no_metadata", "metadata_file")
    return Handed(metadata, _document(desk, "catalogue")[0], origin)


def _document(desk: SetupDesk, name: str) -> tuple[bytes | None, Origin]:
    uploaded = request.files.get(f"{name}_file")
    data = uploaded.read() if uploaded is not None else b""
    if data:
        return data, Origin.UPLOAD
    if text := request.form.get(name, "").strip():
        return text.encode("utf-8"), Origin.PASTE
    if url := request.form.get(f"{name}_url", "").strip():
        try:
            return desk.fetch(url), Origin.URL
        except NotHere as error:
            raise NotHere(error.code, f"{name}_url") from None
    return None, Origin.UPLOAD
