"""The metadata that metadata/README.md shows as the least that is accepted, is."""

import re
from datetime import UTC
from datetime import datetime
from pathlib import Path

from broker.saml.findings import Severity
from broker.saml.metadata import read_metadata
from tests.keys import certificate

PAGE = Path(__file__).parents[2] / "metadata" / "README.md"


def test_the_example_is_accepted() -> None:
    found = re.search(r"```xml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    example = found.group(1).replace("MIID...", certificate("example").base64())
    partner, report = read_metadata(example.encode(), "DV", datetime.now(UTC))
    assert partner.services == {1: "urn:etoegang:DV:00000099000000005000:services:1"}
    assert {finding.severity for finding in report.findings} <= {Severity.WARNING}
