"""The dienstencatalogus over the API: a form out, changed, and in again; and what we published."""

from broker.onboarding.catalogue_editions import CatalogueEditions
from broker.storage.editions import SqlEditionStore
from tests.api.conftest import DV_ID
from tests.api.conftest import Api

WHERE = f"/partners/{DV_ID}/catalogue"


def test_a_form_comes_out_is_changed_and_goes_in_as_a_concept(fresh: Api) -> None:
    got = fresh.get(WHERE)
    form = got.json["form"]
    form["definitions"][0]["names"]["nl"] = "Andere naam"
    form["definitions"][0]["rationale"] = "Daarom."

    stale = fresh.call("PUT", WHERE, json={"form": form}, headers={"If-Match": '"another"'})
    made = fresh.call("PUT", WHERE, json={"form": form}, headers={"If-Match": got.headers["ETag"]})

    assert stale.status_code == 412
    assert (made.status_code, made.json["version"]["origin"]) == (201, "api")
    assert any("Andere naam" in each for each in made.json["difference"])
    activated = fresh.post(f"/versions/{made.json['version']['id']}/activation", json={})
    assert activated.json["state"] == "active"
    again = fresh.get(WHERE).json["form"]
    assert again["definitions"][0]["rationale"] == "Daarom."
    assert fresh.call("PUT", WHERE, json={"form": again}).json["outcome"] == "unchanged"


def test_a_catalogue_comes_as_xml_to_who_asks_for_that(fresh: Api) -> None:
    answer = fresh.get(WHERE, headers={"Accept": "application/xml"})

    assert answer.content_type.startswith("application/xml")
    assert b"ServiceCatalogue" in answer.data


def test_a_form_is_previewed_with_what_is_wrong_at_which_field(fresh: Api) -> None:
    form = fresh.get(WHERE).json["form"]
    good = fresh.post("/catalogue-previews?lang=en", json={"form": form}).json
    form["names"] = {"en": "Nobody"}

    wrong = fresh.post("/catalogue-previews?lang=en", json={"form": form}).json

    assert "<esc:ServiceCatalogue" in good["xml"]
    assert wrong["xml"] is None
    assert {"path": "names.nl", "must": True} in [
        {name: each[name] for name in ("path", "must")} for each in wrong["problems"]
    ]


def test_what_the_schema_forbids_is_refused_by_field(fresh: Api) -> None:
    refused = fresh.call("PUT", WHERE, json={"form": {"oin": "12", "services": []}})

    assert refused.status_code == 422
    assert "form.services" in {each["where"] for each in refused.json["errors"]}


def test_what_was_published_is_listed_and_stays(fresh: Api) -> None:
    assert fresh.get("/catalogue-editions").json == {"items": []}
    assert fresh.get("/catalogue-editions/1").status_code == 404
    makelaar, station = fresh.makelaar, fresh.makelaar.station
    CatalogueEditions(
        SqlEditionStore(makelaar.engine), makelaar.registry, station.partners, station.own
    ).current()

    (edition,) = fresh.get("/catalogue-editions").json["items"]

    assert (edition["sequence"], edition["location"]) == (1, "/catalogue/editions/1")
    assert fresh.get("/catalogue-editions/1").json == edition
    assert b"Signature" in fresh.get("/catalogue-editions/1", headers={"Accept": "application/xml"}).data
