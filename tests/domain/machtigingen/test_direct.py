"""May this person act for a company directly?"""

from datetime import datetime
from datetime import timedelta
from itertools import combinations
from itertools import permutations
from itertools import product
from typing import Any

import pytest

from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Link
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Proof
from broker.domain.machtigingen import Reason
from broker.domain.machtigingen import Repairer
from broker.domain.machtigingen import Scope
from broker.domain.machtigingen import decide_direct
from broker.domain.machtigingen.trial import Question
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import Service
from tests.domain.builders import BAKERY
from tests.domain.builders import DOSSIER
from tests.domain.builders import FLORIST
from tests.domain.builders import HIGH_STREET
from tests.domain.builders import NOW
from tests.domain.builders import PERMITS
from tests.domain.builders import SECOND
from tests.domain.builders import STATION
from tests.domain.builders import TAXES
from tests.domain.builders import YEAR
from tests.domain.builders import a_machtiging
from tests.domain.builders import a_service

LOA2, LOA3, LOA4 = LevelOfAssurance.LOA2, LevelOfAssurance.LOA3, LevelOfAssurance.LOA4

# Each fault, nearest to granted first; the first two hold at a service that accepts no restrictions.
RESTRICTIONS = {Reason.VESTIGING_NOT_ACCEPTED, Reason.SUBDOSSIER_NOT_ACCEPTED}
FAULTY: dict[Reason, dict[str, Any]] = {
    Reason.VESTIGING_NOT_ACCEPTED: {"vestiging": HIGH_STREET},
    Reason.SUBDOSSIER_NOT_ACCEPTED: {"subdossier": DOSSIER},
    Reason.LEVEL_TOO_LOW: {"level": LOA2},
    Reason.NOT_YET_VALID: {"valid_from": NOW + SECOND},
    Reason.EXPIRED: {"valid_until": NOW},
    Reason.REVOKED: {"revoked_at": NOW - YEAR},
    Reason.OTHER_SERVICE: {"scope": Scope(service_uuid=TAXES)},
}


def decide(
    *machtigingen: Machtiging,
    service: Service | None = None,
    required: LevelOfAssurance = LOA3,
    now: datetime = NOW,
) -> tuple[Proof, ...]:
    return decide_direct(machtigingen, service or a_service(), required, now)


def decide_one(*machtigingen: Machtiging, **asked: Any) -> Proof:
    (proof,) = decide(*machtigingen, **asked)
    return proof


def test_a_machtiging_that_fits_is_granted_with_its_own_level() -> None:
    machtiging = a_machtiging(scope=Scope(service_uuid=PERMITS), level=LOA4)
    assert decide_one(machtiging) == Proof(
        granted=True,
        company=BAKERY,
        intermediary=None,
        level=LOA4,
        vestiging=None,
        links=(Link("m-1", True, None, Repairer.BEHEERDER),),
        reason=None,
    )


@pytest.mark.rule("6.3.20")
@pytest.mark.parametrize(("reason", "fault"), list(FAULTY.items()))
def test_each_fault_is_refused_for_its_own_reason(reason: Reason, fault: dict[str, Any]) -> None:
    assert decide_one(a_machtiging(**fault)) == Proof(
        granted=False,
        company=BAKERY,
        intermediary=None,
        level=None,
        vestiging=fault.get("vestiging"),
        subdossier=fault.get("subdossier"),
        links=(Link("m-1", False, reason, Repairer.BEHEERDER),),
        reason=reason,
    )


def test_who_has_no_machtiging_has_no_company_to_choose() -> None:
    assert decide() == ()


@pytest.mark.rule("6.3.18")
@pytest.mark.parametrize(("level", "required"), list(product(LevelOfAssurance, repeat=2)))
def test_a_machtiging_is_strong_enough_exactly_from_the_required_level_up(
    level: LevelOfAssurance, required: LevelOfAssurance
) -> None:
    proof = decide_one(a_machtiging(level=level), required=required)
    assert proof.granted is (level >= required)
    assert proof.level is (level if level >= required else None)
    assert proof.reason is (None if level >= required else Reason.LEVEL_TOO_LOW)


@pytest.mark.parametrize(
    ("offset", "reason"), [(-SECOND, Reason.NOT_YET_VALID), (timedelta(0), None), (SECOND, None)]
)
def test_it_holds_from_the_very_second_it_begins(offset: timedelta, reason: Reason | None) -> None:
    assert decide_one(a_machtiging(valid_from=NOW), now=NOW + offset).reason is reason


@pytest.mark.parametrize(
    ("offset", "reason"), [(-SECOND, None), (timedelta(0), Reason.EXPIRED), (SECOND, Reason.EXPIRED)]
)
def test_it_ends_at_the_very_second_it_ends(offset: timedelta, reason: Reason | None) -> None:
    assert decide_one(a_machtiging(valid_until=NOW), now=NOW + offset).reason is reason


@pytest.mark.parametrize("offset", [-YEAR, -SECOND, timedelta(0), SECOND])
def test_a_revocation_counts_even_if_the_clock_that_wrote_it_is_ahead(offset: timedelta) -> None:
    assert decide_one(a_machtiging(revoked_at=NOW + offset)).reason is Reason.REVOKED


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [pair for pair in combinations(FAULTY, 2) if pair != (Reason.NOT_YET_VALID, Reason.EXPIRED)],
)
def test_of_two_faults_in_one_machtiging_the_larger_is_told(nearer: Reason, farther: Reason) -> None:
    assert decide_one(a_machtiging(**(FAULTY[nearer] | FAULTY[farther]))).reason is farther


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in permutations(FAULTY, 2) if not RESTRICTIONS & set(pair)],
)
def test_of_two_faulty_machtigingen_the_nearest_to_granted_is_told(first: Reason, second: Reason) -> None:
    proof = decide_one(a_machtiging(id="m-1", **FAULTY[first]), a_machtiging(id="m-2", **FAULTY[second]))
    assert proof.reason is min(first, second, key=list(FAULTY).index)
    assert [(link.machtiging_id, link.reason) for link in proof.links] == [("m-1", first), ("m-2", second)]


@pytest.mark.parametrize("reason", [reason for reason in FAULTY if reason not in RESTRICTIONS])
@pytest.mark.parametrize("good_first", [True, False])
def test_one_machtiging_that_holds_outweighs_any_that_does_not(reason: Reason, good_first: bool) -> None:
    good, bad = a_machtiging(id="good"), a_machtiging(id="bad", **FAULTY[reason])
    proof = decide_one(*((good, bad) if good_first else (bad, good)))
    assert proof.granted
    assert {link.machtiging_id: link.holds for link in proof.links} == {"good": True, "bad": False}


def test_of_several_that_hold_the_strongest_is_used() -> None:
    weak, strong = a_machtiging(id="weak", level=LOA3), a_machtiging(id="strong", level=LOA4)
    assert decide_one(weak, strong).level is LOA4
    assert decide_one(strong, weak).level is LOA4


def test_each_company_gets_its_own_proof_in_the_order_given() -> None:
    proofs = decide(
        a_machtiging(id="m-1", company=FLORIST, valid_until=NOW),
        a_machtiging(id="m-2", company=BAKERY),
        a_machtiging(id="m-3", company=FLORIST, level=LOA2),
    )
    assert [(proof.company, proof.granted) for proof in proofs] == [(FLORIST, False), (BAKERY, True)]
    assert proofs[0].reason is Reason.LEVEL_TOO_LOW


def test_a_machtiging_for_one_company_never_helps_another() -> None:
    proofs = decide(a_machtiging(company=BAKERY), a_machtiging(company=FLORIST, revoked_at=NOW))
    assert {proof.company: proof.granted for proof in proofs} == {BAKERY: True, FLORIST: False}


def test_where_restrictions_are_accepted_each_vestiging_can_be_chosen() -> None:
    proofs = decide(
        a_machtiging(vestiging=HIGH_STREET),
        a_machtiging(vestiging=STATION),
        a_machtiging(vestiging=None),
        service=a_service(accepts_vestiging=True),
    )
    assert [(proof.vestiging, proof.granted) for proof in proofs] == [
        (HIGH_STREET, True),
        (STATION, True),
        (None, True),
    ]


def test_a_subdossier_can_be_chosen_beside_the_company_where_it_is_accepted_and_is_refused_elsewhere() -> (
    None
):
    machtigingen = (a_machtiging(subdossier=DOSSIER), a_machtiging())
    accepting = a_service(restrictions_allowed=frozenset({SUBDOSSIER_RESTRICTION}))
    granted = decide(*machtigingen, service=accepting)
    assert [(proof.subdossier, proof.granted) for proof in granted] == [(DOSSIER, True), (None, True)]
    refused, _ = decide(*machtigingen, service=a_service(accepts_vestiging=True))
    assert (refused.subdossier, refused.reason) == (DOSSIER, Reason.SUBDOSSIER_NOT_ACCEPTED)
    assert refused.is_restricted


def test_where_they_are_not_a_vestiging_is_refused_and_never_widened_to_the_company() -> None:
    limited, unlimited = decide(a_machtiging(vestiging=HIGH_STREET), a_machtiging(vestiging=None))
    assert (limited.granted, limited.vestiging) == (False, HIGH_STREET)
    assert limited.reason is Reason.VESTIGING_NOT_ACCEPTED
    assert (unlimited.granted, unlimited.vestiging) == (True, None)


def test_a_machtiging_for_the_whole_company_works_where_vestigingen_are_accepted_too() -> None:
    assert decide_one(a_machtiging(), service=a_service(accepts_vestiging=True)).granted


def test_machtigingen_may_come_from_any_iterable() -> None:
    (proof,) = decide_direct(iter([a_machtiging()]), a_service(), LOA3, NOW)
    assert proof.granted


def test_who_accepts_no_restrictions_accepts_no_subdossier_either() -> None:
    service = a_service(restrictions_allowed=frozenset({VESTIGING_RESTRICTION, SUBDOSSIER_RESTRICTION}))
    accepts = [
        (question.accepts_vestiging, question.accepts_subdossier)
        for question in (
            Question(service, LOA3, NOW),
            Question(service, LOA3, NOW, accepts_restrictions=False),
        )
    ]
    assert accepts == [(True, True), (False, False)]


@pytest.mark.parametrize(
    ("part", "restricted"),
    [({}, False), ({"vestiging": HIGH_STREET}, True), ({"subdossier": DOSSIER}, True)],
)
def test_a_proof_is_restricted_when_it_is_for_a_part(part: dict[str, Any], restricted: bool) -> None:
    values: dict[str, Any] = {"vestiging": None, "links": (), "reason": None, **part}
    assert Proof(True, BAKERY, None, LOA3, **values).is_restricted is restricted
