"""The check report: what is wrong with the documents of a dienstverlener, where, by which rule, and how to mend it.

One engine for the command line, the console, the API and the page behind a setup link. It agrees with what a login
takes: a document without a fout is accepted, and what is refused is in the report.
"""

from broker.checks.described import Check
from broker.checks.described import every_check as catalogue_of_checks
from broker.checks.engine import check
from broker.checks.handshake import Handshake
from broker.checks.junit import to_junit
from broker.checks.pages import to_fragment
from broker.checks.pages import to_page
from broker.checks.rows import CheckReport
from broker.checks.rows import Family
from broker.checks.rows import Row
from broker.checks.rows import Severity
from broker.checks.rows import Text
from broker.checks.servers import handshaker
from broker.checks.subject import Document
from broker.checks.subject import Subject

__all__ = [
    "Check",
    "CheckReport",
    "Document",
    "Family",
    "Handshake",
    "Row",
    "Severity",
    "Subject",
    "Text",
    "catalogue_of_checks",
    "check",
    "handshaker",
    "to_fragment",
    "to_junit",
    "to_page",
]
