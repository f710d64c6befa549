"""The machtiging engine: may this person act for company X at service S, and on which grounds?

Its answer is a proof, and the same proof serves the register's decision, the refusal page, an operator's
dry run and the tests. Rules that differ per service are data of the catalogue.
"""

from broker.domain.machtigingen.chain import decide_as_intermediary
from broker.domain.machtigingen.chain import decide_chain
from broker.domain.machtigingen.direct import decide_direct
from broker.domain.machtigingen.portal import Decide
from broker.domain.machtigingen.portal import choose_widest
from broker.domain.machtigingen.portal import decide_each
from broker.domain.machtigingen.proofs import Link
from broker.domain.machtigingen.proofs import Proof
from broker.domain.machtigingen.proofs import explain_refusal
from broker.domain.machtigingen.reasons import Reason
from broker.domain.machtigingen.reasons import Repairer
from broker.domain.machtigingen.records import Ketenmachtiging
from broker.domain.machtigingen.records import Machtiging
from broker.domain.machtigingen.records import Scope

__all__ = [
    "Decide",
    "Ketenmachtiging",
    "Link",
    "Machtiging",
    "Proof",
    "Reason",
    "Repairer",
    "Scope",
    "choose_widest",
    "decide_as_intermediary",
    "decide_chain",
    "decide_direct",
    "decide_each",
    "explain_refusal",
]
