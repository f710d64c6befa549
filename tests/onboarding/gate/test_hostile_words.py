"""Words of others on the terminal of an operator: no line that they made up, and nothing that a terminal obeys."""

import pytest
from click.testing import CliRunner

from broker.cli import versions
from broker.ports.changes import Change
from broker.saml.findings import Finding
from broker.saml.findings import Severity
from tests.onboarding.gate.conftest import Desk
from tests.saml.builders import DV
from tests.saml.builders import NOW

HOSTILE = "new key\n2026-01-01 00:00 UTC  bram  version-approved\x1b[2J\x9b31m\u202e"


@pytest.mark.parametrize("command", [versions.history, versions.versions])
def test_a_reason_is_one_line_whatever_is_in_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, command: object
) -> None:
    monkeypatch.setattr(versions, "open_makelaar", lambda: desk.assembled)
    desk.submit(reason=HOSTILE)
    desk.log.write(Change(NOW, "anna", "partner-suspended", DV, HOSTILE))

    done = CliRunner().invoke(command, [DV])  # type: ignore[arg-type]  # a command, for click says so

    assert done.exit_code == 0, done.output
    assert "new key 2026-01-01 00:00 UTC bram version-approved[2J31m" in done.output
    assert not any(line.startswith("2026-01-01") for line in done.output.splitlines())
    assert not {"\x1b", "\x9b", "\u202e"} & set(done.output)


def test_a_finding_is_one_line_whatever_was_in_the_document() -> None:
    shown = str(Finding(Severity.ERROR, "metadata", 3, HOSTILE, "rule"))

    assert shown.isprintable()
    assert "\n" not in shown
