"""`makelaar dv link`, `links` and `unlink`."""

from tests.cli.conftest import Installation


def test_a_setup_link_is_shown_once_listed_and_ended(installation: Installation) -> None:
    made = installation.run("dv", "link", "--new", "Gemeente Voorbeeld", "--days", "3")
    url = made.stdout.strip()
    assert "/setup/" in url
    listed = installation.run("dv", "links").stdout
    assert "Gemeente Voorbeeld" in listed
    assert "good" in listed
    assert url.rpartition("/")[2] not in listed

    link_id = listed.split()[0]
    assert installation.run("dv", "unlink", link_id).stdout.startswith(f"ended: {link_id}")
    assert "revoked" in installation.run("dv", "links").stdout
    assert "See: makelaar dv links" in installation.run("dv", "unlink", link_id).stderr


def test_a_setup_link_for_who_is_not_there_names_the_way(installation: Installation) -> None:
    assert "Use --new NAME" in installation.run("dv", "link", "urn:nobody").stderr
