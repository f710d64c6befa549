"""The makelaar as a Flask application."""

from functools import partial
from pathlib import Path

import structlog
from flask import Flask
from flask import Response

from broker.assembly import paths
from broker.assembly.audit import open_audit_log
from broker.assembly.binder import Binder
from broker.assembly.party import assemble
from broker.assembly.personal_address import PersonalAddresses
from broker.assembly.web import error_page
from broker.assembly.web import install
from broker.journey.table import ImpossibleEvent
from broker.makelaar import answers
from broker.makelaar import login
from broker.makelaar import slo
from broker.makelaar import sso
from broker.makelaar import testing
from broker.makelaar.admission import Admission
from broker.makelaar.conformance import Conformance
from broker.makelaar.context import Makelaar
from broker.makelaar.journeys import TTL
from broker.makelaar.journeys import Journeys
from broker.makelaar.journeys import StaleJourney
from broker.makelaar.listing import AdLists
from broker.makelaar.logouts import Logouts
from broker.makelaar.outcomes import ClosedVocabulary
from broker.makelaar.publishing import Catalogue
from broker.makelaar.publishing import marker
from broker.makelaar.publishing import metadata
from broker.makelaar.publishing import metadata_1_11
from broker.makelaar.publishing import network_metadata
from broker.makelaar.rehearsing import note_fetches
from broker.makelaar.sessions import Sessions
from broker.makelaar.sightings import sightings_of
from broker.onboarding.in_test import NotInTest
from broker.saml.errors import UnknownPartner
from broker.screens import CookieStyle
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.conformance import SqlConformanceLog

log = structlog.get_logger()

_MOST_EDITIONS = 999_999_999
"""The highest number in an address: more would not fit in the database."""


def create_app(settings: Settings) -> Flask:
    """The application, with every key loaded and every schema compiled: ready to fork."""
    assembled = assemble(settings, MAKELAAR)
    note_fetches(assembled)
    cookies = CookieStyle(assembled.public_url)
    hm = Makelaar(
        assembled=assembled,
        journeys=Journeys(assembled.state),
        audit=ClosedVocabulary(open_audit_log(assembled)),
        conformance=Conformance(SqlConformanceLog(assembled.engine)),
        binder=Binder("hm", cookies, assembled.state, TTL),
        cookies=cookies,
        sessions=Sessions(cookies, assembled.state),
        logouts=Logouts(assembled.state),
        sightings=sightings_of(assembled),
        addresses=PersonalAddresses.of(settings),
    )
    app = Flask("makelaar", template_folder=str(Path(__file__).parent / "templates"), static_folder=None)
    install(
        app, assembled, Admission(assembled, hm.conformance, hm.sightings).at_front, partial(metadata, hm)
    )
    both = ["GET", "POST"]
    for path in sso.SERVED:
        app.add_url_rule(
            path, f"sso{path}".replace(".", "_"), partial(sso.single_sign_on, hm, path), methods=both
        )
    app.add_url_rule(paths.METADATA_1_11, "metadata_1_11", partial(metadata_1_11, hm))
    app.add_url_rule(paths.HM_ACS_AD, "acs_ad", partial(answers.from_ad, hm), methods=both)
    app.add_url_rule(paths.HM_ACS_MR, "acs_mr", partial(answers.from_mr, hm), methods=both)
    app.add_url_rule(paths.HM_ACS_EB, "acs_eb", partial(answers.from_eb, hm), methods=both)
    app.add_url_rule(paths.HM_SLO, "slo", partial(slo.single_logout, hm), methods=both)
    app.add_url_rule(paths.HM_SLO_AD, "slo_ad", partial(slo.answered, hm), methods=both)
    app.add_url_rule("/logout/<logout_id>", "logged_out", partial(slo.show, hm))
    app.add_url_rule("/logout/<logout_id>", "log_out", partial(slo.act, hm), methods=["POST"])
    app.add_url_rule("/journey/<journey_id>", "show", partial(login.show, hm))
    app.add_url_rule("/journey/<journey_id>", "act", partial(login.act, hm), methods=["POST"])
    app.add_url_rule(f"{paths.TEST}/<secret>", "test", partial(testing.page, hm))
    app.add_url_rule(f"{paths.TEST}/<secret>", "act_on_test", partial(testing.act, hm), methods=["POST"])
    app.add_url_rule(paths.NETWORK_METADATA, "network_metadata", partial(network_metadata, hm))
    serve_catalogue(app, Catalogue(hm))
    app.add_url_rule(paths.AD_LIST, "ad_list", AdLists(hm).serve)
    app.add_url_rule(paths.MARKER, "test_marker", partial(marker, hm))
    app.register_error_handler(StaleJourney, _stale)
    app.register_error_handler(ImpossibleEvent, _stale)
    app.register_error_handler(UnknownPartner, _gone)
    app.register_error_handler(NotInTest, testing.no_longer)
    return app


def serve_catalogue(app: Flask, catalogue: Catalogue) -> None:
    """At one address that stays, and each edition at another."""
    for path, name in (("", "catalogue"), ("/<string(length=20):oin>", "catalogue_of_one")):
        stays = f"{paths.CATALOGUE}{path}"
        edition = f"{stays}/editions/<int(max={_MOST_EDITIONS}):sequence>"
        app.add_url_rule(stays, name, catalogue.serve)
        app.add_url_rule(edition, f"{name}_edition", catalogue.serve_edition)
    app.add_url_rule(
        f"{paths.CATALOGUE_IN_TEST}/<string(length=32):version_id>",
        "catalogue_in_test",
        catalogue.serve_in_test,
    )


def _stale(_error: Exception) -> Response:
    """Two requests of one login met; the other one went on."""
    return error_page(409, "al-afgerond")


def _gone(_error: Exception) -> Response:
    """A partner or service was removed while somebody was logging in."""
    return error_page(410, "sessie-verlopen")
