"""Our own keys: where each stands, who knows it, and rolling them."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask import abort
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from broker.assembly import paths
from broker.console.access import requires
from broker.console.context import actor
from broker.console.context import console
from broker.console.context import now
from broker.console.fields import moment_field
from broker.console.fields import reason_field
from broker.console.shown import moment
from broker.domain.own_keys import KeyState
from broker.onboarding.key_adoption import PAGE
from broker.onboarding.key_adoption import KeyAdoption
from broker.onboarding.key_files import unannounced_files
from broker.onboarding.key_refused import KeyFault
from broker.onboarding.key_refused import KeyRefused
from broker.onboarding.own_keys import LEAD
from broker.onboarding.own_keys import KeyLine
from broker.onboarding.own_keys import OwnKeys
from broker.ports.changes import OperatorRole
from broker.ports.sightings import Seen
from broker.screens import current_language
from broker.screens import text

_DONE = ("announced", "activated", "retired", "confirmed")


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/keys", "keys", keys)
    app.add_url_rule("/keys", "key_announce", announce, methods=["POST"])
    app.add_url_rule("/keys/<name>", "key", key)
    app.add_url_rule("/keys/<name>", "key_act", act, methods=["POST"])
    app.add_url_rule("/keys/<name>/confirm", "key_confirm", confirm, methods=["POST"])


@requires(OperatorRole.VIEWER)
def keys() -> str | Response:
    """Our own keys, how many partners know each, and which files of a next one lie here."""
    return _list()


@requires(OperatorRole.OPERATOR, fresh=True)
def announce() -> str | Response:
    """Have metadata hold the next key, whose files are on this node."""
    name = request.form.get("name", "")
    try:
        _own().announce(name, actor(), reason_field())
    except KeyRefused as refused:
        return _list(refused)
    return _to(name, "announced")


@requires(OperatorRole.VIEWER)
def key(name: str) -> str | Response:
    """One key: its moments, who would break if it signed now, and what can be done."""
    return _page(_find(name))


@requires(OperatorRole.OPERATOR, fresh=True)
def act(name: str) -> str | Response:
    """Activate or retire a key, at once or at a moment."""
    found, own = _find(name), _own()
    acts: dict[str, tuple[Callable[..., KeyLine], str]] = {
        "activate": (own.activate, "activated"),
        "retire": (own.retire, "retired"),
    }
    do, done = acts.get(request.form.get("do", ""), (None, ""))
    if do is None:
        abort(400)
    try:
        at = moment_field()
    except ValueError:
        return _page(found, text(current_language(), "console.error.moment"))
    try:
        do(name, actor(), at, anyway="anyway" in request.form, why=reason_field())
    except KeyRefused as refused:
        return _page(_find(name), _words(refused))
    return _to(name, done)


@requires(OperatorRole.OPERATOR, fresh=True)
def confirm(name: str) -> str | Response:
    """Keep that partners said to have a key."""
    found, adoption = _find(name), _adoption()
    told = [
        *request.form.getlist("partner"),
        *(adoption.of_the_network() if "network" in request.form else ()),
    ]
    if not told:
        return _page(found, text(current_language(), "console.key_refused.nobody"))
    try:
        adoption.confirm(name, told, actor(), reason_field())
    except KeyRefused as refused:
        return _page(found, _words(refused))
    return _to(name, "confirmed")


def _own() -> OwnKeys:
    return OwnKeys(console().assembled)


def _adoption() -> KeyAdoption:
    return KeyAdoption(console().assembled)


def _find(name: str) -> KeyLine:
    try:
        return _own().find(name)
    except KeyRefused:
        abort(404)


def _to(name: str, done: str) -> Response:
    return redirect(url_for("key", name=name, did=done), 303)


def _list(refused: KeyRefused | None = None) -> Response:
    own = _own()
    page = render_template(
        "keys.html",
        keys=own.states(now()),
        unseen={each.fingerprint: each.unseen for each in _adoption().overview()},
        upcoming=own.next_key(now()),
        files=unannounced_files(own),
        error=_words(refused) if refused else None,
        typed=request.form,
    )
    return make_response(page, 422 if refused else 200)


def _page(found: KeyLine, error: str | None = None) -> Response:
    settings = console().assembled.settings
    adoption = _adoption()
    after = request.args.get("after", "")
    unseen = () if found.state is KeyState.RETIRED else adoption.would_break(found.key.name, after=after)
    page = render_template(
        "key.html",
        line=found,
        adoption=adoption.of_key(found.key.name),
        ways=list(Seen),
        unseen=unseen,
        more=unseen[-1].entity_id if len(unseen) == PAGE else None,
        network=len(adoption.of_the_network()),
        metadata=console().assembled.public_url + paths.METADATA,
        days=settings.key_announced_days,
        lead=int(LEAD.total_seconds()),
        error=error,
        typed=request.form,
        chosen=request.form.getlist("partner"),
        did=None if error else next((each for each in _DONE if each == request.args.get("did")), None),
    )
    return make_response(page, 422 if error else 200)


def _words(refused: KeyRefused) -> str:
    """Why not, in the language of who asks."""
    language = current_language()
    values = {name: _shown(value) for name, value in refused.values.items()}
    return text(language, f"console.key_refused.{refused.code}", **values)


def _shown(value: object) -> object:
    match value:
        case datetime():
            return moment(value)
        case KeyFault():
            return text(current_language(), f"console.key_fault.{value.code}", file=value.file)
        case KeyState():
            return text(current_language(), f"console.key.{value}").lower()
        case _:
            return value
