"""`makelaar token`: made, listed, revoked."""

from tests.cli.conftest import Installation


def test_a_token_is_shown_once_and_can_be_revoked(installation: Installation) -> None:
    assert "there is no token" in installation.run("token", "list").stdout

    made = installation.run("token", "make", "deploy", "--scope", "checks:write", "--days", "3")

    text = made.stdout.strip()
    assert text.startswith("makelaar_")
    listed = installation.run("token", "list").stdout
    assert "deploy" in listed
    assert "good" in listed
    assert text not in listed
    again = installation.run("token", "make", "deploy", "--scope", "checks:write")
    assert "revoke it, or choose another name" in again.stderr
    assert installation.run("token", "revoke", "deploy").stdout.startswith("revoked: deploy")
    assert "revoked" in installation.run("token", "list").stdout
    assert "See: makelaar token list" in installation.run("token", "revoke", "deploy").stderr


def test_a_token_that_lives_for_ever_is_not_made(installation: Installation) -> None:
    refused = installation.run("token", "make", "deploy", "--scope", "checks:write", "--days", "4000")

    assert "1 to 366 days" in refused.stderr
