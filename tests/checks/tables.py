"""The examples of all families."""

from functools import cache

from broker.checks import CheckReport
from broker.checks import check
from tests.checks.examples import Example
from tests.checks.table_catalogue import CATALOGUE
from tests.checks.table_certificates import CERTIFICATES
from tests.checks.table_metadata import METADATA
from tests.checks.table_request import REQUEST
from tests.checks.table_request import TLS

EXAMPLES: dict[str, Example] = {**METADATA, **CATALOGUE, **CERTIFICATES, **REQUEST, **TLS}


@cache
def report_of(check_id: str) -> CheckReport:
    """The report on the example of a check."""
    return check(EXAMPLES[check_id].subject())
