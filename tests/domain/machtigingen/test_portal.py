"""Deciding at a portal: every service by its own rules, all of them together per company."""

from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Proof
from broker.domain.machtigingen import Reason
from broker.domain.machtigingen import Scope
from broker.domain.machtigingen import choose_widest
from broker.domain.machtigingen import decide_chain
from broker.domain.machtigingen import decide_direct
from broker.domain.machtigingen import decide_each
from broker.domain.services import Service
from tests.domain.builders import ACCOUNTANT
from tests.domain.builders import BAKERY
from tests.domain.builders import FLORIST
from tests.domain.builders import HIGH_STREET
from tests.domain.builders import NOW
from tests.domain.builders import PERMITS
from tests.domain.builders import TAXES
from tests.domain.builders import a_ketenmachtiging
from tests.domain.builders import a_machtiging
from tests.domain.builders import a_service

LOA2, LOA3, LOA4 = LevelOfAssurance.LOA2, LevelOfAssurance.LOA3, LevelOfAssurance.LOA4

LOW = a_service(service_id="low", service_uuid=TAXES, level=LOA2)
HIGH = a_service(service_id="high", service_uuid=PERMITS, level=LOA3, accepts_vestiging=True)


def decide(*machtigingen: Machtiging, required: LevelOfAssurance = LOA2) -> tuple[Proof, ...]:
    return decide_each(
        (LOW, HIGH), required, lambda service, level: decide_direct(machtigingen, service, level, NOW)
    )


def granted(*machtigingen: Machtiging, required: LevelOfAssurance = LOA2) -> tuple[Service, ...]:
    (proof,) = decide(*machtigingen, required=required)
    assert proof.granted == bool(proof.services)
    return proof.services


def test_one_service_is_enough_to_stay_in_the_list() -> None:
    (proof,) = decide(a_machtiging(scope=Scope(service_uuid=PERMITS)))
    assert (proof.company, proof.granted, proof.reason) == (BAKERY, True, None)
    assert proof.services == (HIGH,)


def test_each_service_wants_its_own_level() -> None:
    assert granted(a_machtiging(level=LOA2)) == (LOW,)
    assert granted(a_machtiging(level=LOA3)) == (LOW, HIGH)


def test_no_service_is_satisfied_with_less_than_was_asked() -> None:
    assert granted(a_machtiging(level=LOA2), required=LOA3) == ()
    assert granted(a_machtiging(level=LOA3), required=LOA3) == (LOW, HIGH)
    assert granted(a_machtiging(level=LOA3), required=LOA4) == ()


def test_the_level_is_the_lowest_of_what_was_used() -> None:
    weak = a_machtiging(id="weak", level=LOA2, scope=Scope(service_uuid=TAXES))
    strong = a_machtiging(id="strong", level=LOA4, scope=Scope(service_uuid=PERMITS))
    (proof,) = decide(weak, strong)
    assert (proof.level, proof.services) == (LOA2, (LOW, HIGH))
    assert {link.machtiging_id for link in proof.links if link.holds} == {"weak", "strong"}


def test_a_vestiging_is_a_choice_of_its_own_with_the_services_that_accept_it() -> None:
    whole, part = decide(a_machtiging(id="whole"), a_machtiging(id="part", vestiging=HIGH_STREET))
    assert (whole.vestiging, whole.services) == (None, (LOW, HIGH))
    assert (part.vestiging, part.services) == (HIGH_STREET, (HIGH,))


def test_companies_are_decided_apart() -> None:
    proofs = decide(a_machtiging(), a_machtiging(company=FLORIST, scope=Scope(service_uuid=TAXES)))
    assert {proof.company: proof.services for proof in proofs} == {BAKERY: (LOW, HIGH), FLORIST: (LOW,)}


def test_a_refusal_gives_the_reason_that_is_nearest_to_a_repair_at_any_service() -> None:
    (proof,) = decide(a_machtiging(scope=Scope(service_uuid=PERMITS), level=LOA2))
    assert (proof.granted, proof.services) == (False, ())
    assert proof.reason is Reason.LEVEL_TOO_LOW
    assert [link.reason for link in proof.links] == [Reason.OTHER_SERVICE, Reason.LEVEL_TOO_LOW]


def test_without_services_there_is_nothing_to_decide() -> None:
    assert decide_each((), LOA2, lambda *_: ()) == ()


def _confirm(*scopes: tuple[str | None, bool]) -> Proof:
    granted = [
        a_ketenmachtiging(
            id=f"k-{number}", scope=Scope(service_uuid=uuid), vestiging=HIGH_STREET if part else None
        )
        for number, (uuid, part) in enumerate(scopes)
    ]

    def one(service: Service, level: LevelOfAssurance) -> tuple[Proof, ...]:
        return (
            decide_chain(
                granted, client=BAKERY, intermediary=ACCOUNTANT, service=service, required=level, now=NOW
            ),
        )

    return choose_widest(decide_each((LOW, HIGH), LOA2, one))


def test_a_second_register_confirms_what_the_client_granted_and_no_more() -> None:
    assert _confirm((None, False)).services == (LOW, HIGH)
    assert _confirm((TAXES, False)).services == (LOW,)
    assert _confirm((None, True)).services == (HIGH,)


def test_of_the_whole_client_and_a_part_of_it_a_second_register_confirms_the_whole() -> None:
    proof = _confirm((TAXES, False), (PERMITS, True))
    assert (proof.vestiging, proof.services) == (None, (LOW,))


def test_a_second_register_that_confirms_nothing_says_why() -> None:
    proof = _confirm(("another", False))
    assert (proof.granted, proof.reason) == (False, Reason.CHAIN_OTHER_SERVICE)
