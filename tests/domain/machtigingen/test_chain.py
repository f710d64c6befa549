"""May this person act for a client through an intermediary? Each register decides its half."""

from datetime import datetime
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Ketenmachtiging
from broker.domain.machtigingen import Link
from broker.domain.machtigingen import Proof
from broker.domain.machtigingen import Reason
from broker.domain.machtigingen import Repairer
from broker.domain.machtigingen import Scope
from broker.domain.machtigingen import decide_as_intermediary
from broker.domain.machtigingen import decide_chain
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import Service
from tests.domain.builders import ACCOUNTANT
from tests.domain.builders import BAKERY
from tests.domain.builders import DOSSIER
from tests.domain.builders import FLORIST
from tests.domain.builders import HIGH_STREET
from tests.domain.builders import NOW
from tests.domain.builders import SECOND
from tests.domain.builders import STATION
from tests.domain.builders import TAXES
from tests.domain.builders import a_ketenmachtiging
from tests.domain.builders import a_machtiging
from tests.domain.builders import a_service

LOA2, LOA3, LOA4 = LevelOfAssurance.LOA2, LevelOfAssurance.LOA3, LevelOfAssurance.LOA4

REFUSES_CHAINS = a_service(classifiers=frozenset({NO_CHAIN_CLASSIFIER}))

PERSON_FAULTS: dict[Reason, dict[str, Any]] = {
    Reason.LEVEL_TOO_LOW: {"level": LOA2},
    Reason.NOT_YET_VALID: {"valid_from": NOW + SECOND},
    Reason.EXPIRED: {"valid_until": NOW},
    Reason.REVOKED: {"revoked_at": NOW},
    Reason.OTHER_SERVICE: {"scope": Scope(service_uuid=TAXES)},
    Reason.VESTIGING_NOT_ACCEPTED: {"vestiging": HIGH_STREET},
    Reason.SUBDOSSIER_NOT_ACCEPTED: {"subdossier": DOSSIER},
}
CHAIN_FAULTS: dict[Reason, dict[str, Any]] = {
    Reason.CHAIN_LEVEL_TOO_LOW: {"level": LOA2},
    Reason.CHAIN_NOT_YET_VALID: {"valid_from": NOW + SECOND},
    Reason.CHAIN_EXPIRED: {"valid_until": NOW},
    Reason.CHAIN_REVOKED: {"revoked_at": NOW},
    Reason.CHAIN_OTHER_SERVICE: {"scope": Scope(service_uuid=TAXES)},
    Reason.VESTIGING_NOT_ACCEPTED: {"vestiging": HIGH_STREET},
    Reason.SUBDOSSIER_NOT_ACCEPTED: {"subdossier": DOSSIER},
}


def confirm(
    *ketenmachtigingen: Ketenmachtiging,
    service: Service | None = None,
    required: LevelOfAssurance = LOA3,
    now: datetime = NOW,
) -> Proof:
    return decide_chain(
        ketenmachtigingen,
        client=BAKERY,
        intermediary=ACCOUNTANT,
        service=service or a_service(),
        required=required,
        now=now,
    )


class TestTheFirstRegister:
    """Person to intermediary."""

    def test_offers_every_client_of_the_intermediary(self) -> None:
        machtiging = a_machtiging(company=ACCOUNTANT, level=LOA4)
        proofs = decide_as_intermediary([machtiging], [BAKERY, FLORIST], a_service(), LOA3, NOW)
        assert proofs == tuple(
            Proof(
                granted=True,
                company=client,
                intermediary=ACCOUNTANT,
                level=LOA4,
                vestiging=None,
                links=(Link("m-1", True, None, Repairer.INTERMEDIARY),),
                reason=None,
            )
            for client in (BAKERY, FLORIST)
        )

    @pytest.mark.parametrize(("reason", "fault"), list(PERSON_FAULTS.items()))
    @pytest.mark.parametrize("accepts_vestiging", [True, False])
    def test_refuses_every_client_when_the_person_may_not_act_for_the_intermediary(
        self, reason: Reason, fault: dict[str, Any], accepts_vestiging: bool
    ) -> None:
        machtiging = a_machtiging(company=ACCOUNTANT, **fault)
        service = a_service(accepts_vestiging=accepts_vestiging)
        proofs = decide_as_intermediary([machtiging], [BAKERY, FLORIST], service, LOA3, NOW)
        assert [(proof.company, proof.granted, proof.reason) for proof in proofs] == [
            (BAKERY, False, reason),
            (FLORIST, False, reason),
        ]
        assert all(link.repaired_by is Repairer.INTERMEDIARY for proof in proofs for link in proof.links)
        assert all(proof.vestiging is None for proof in proofs)

    @pytest.mark.parametrize(("level", "required"), list(product(LevelOfAssurance, repeat=2)))
    def test_wants_the_required_level_of_the_machtiging_for_the_intermediary(
        self, level: LevelOfAssurance, required: LevelOfAssurance
    ) -> None:
        machtiging = a_machtiging(company=ACCOUNTANT, level=level)
        (proof,) = decide_as_intermediary([machtiging], [BAKERY], a_service(), required, NOW)
        assert proof.granted is (level >= required)

    def test_refuses_where_the_service_refuses_chains(self) -> None:
        machtiging = a_machtiging(company=ACCOUNTANT)
        (proof,) = decide_as_intermediary([machtiging], [BAKERY], REFUSES_CHAINS, LOA3, NOW)
        assert proof == Proof(
            granted=False,
            company=BAKERY,
            intermediary=ACCOUNTANT,
            level=None,
            vestiging=None,
            links=(Link(None, False, Reason.CHAIN_NOT_ACCEPTED, Repairer.CLIENT),),
            reason=Reason.CHAIN_NOT_ACCEPTED,
        )

    def test_refuses_a_person_without_any_machtiging(self) -> None:
        (proof,) = decide_as_intermediary([], [BAKERY], a_service(), LOA3, NOW)
        assert (proof.granted, proof.intermediary) == (False, None)
        assert proof.links == (Link(None, False, Reason.NO_MACHTIGING, Repairer.INTERMEDIARY),)

    def test_has_nothing_to_say_about_an_intermediary_without_clients(self) -> None:
        assert decide_as_intermediary([a_machtiging()], [], a_service(), LOA3, NOW) == ()

    def test_does_not_mix_two_intermediaries(self) -> None:
        own = [a_machtiging(company=ACCOUNTANT), a_machtiging(company=FLORIST)]
        with pytest.raises(ValueError, match="more than one intermediary"):
            decide_as_intermediary(own, [BAKERY], a_service(), LOA3, NOW)


class TestTheSecondRegister:
    """Intermediary to client."""

    @pytest.mark.rule("1.3.08")
    def test_confirms_a_ketenmachtiging_that_fits(self) -> None:
        assert confirm(a_ketenmachtiging(level=LOA4)) == Proof(
            granted=True,
            company=BAKERY,
            intermediary=ACCOUNTANT,
            level=LOA4,
            vestiging=None,
            links=(Link("k-1", True, None, Repairer.CLIENT),),
            reason=None,
        )

    @pytest.mark.parametrize(("reason", "fault"), list(CHAIN_FAULTS.items()))
    def test_refuses_each_fault_for_its_own_reason(self, reason: Reason, fault: dict[str, Any]) -> None:
        proof = confirm(a_ketenmachtiging(**fault))
        assert (proof.granted, proof.level, proof.reason) == (False, None, reason)
        assert proof.links == (Link("k-1", False, reason, Repairer.CLIENT),)

    @pytest.mark.rule("1.3.08")
    def test_refuses_when_the_client_gave_nothing(self) -> None:
        proof = confirm()
        assert proof.reason is Reason.CHAIN_NO_MACHTIGING
        assert proof.links == (Link(None, False, Reason.CHAIN_NO_MACHTIGING, Repairer.CLIENT),)

    @pytest.mark.parametrize(
        "others",
        [
            {"client": FLORIST},
            {"intermediary": FLORIST},
            {"client": ACCOUNTANT, "intermediary": BAKERY},
        ],
    )
    def test_does_not_count_what_other_companies_gave_each_other(self, others: dict[str, Any]) -> None:
        assert confirm(a_ketenmachtiging(**others)).reason is Reason.CHAIN_NO_MACHTIGING

    def test_refuses_where_the_service_refuses_chains(self) -> None:
        proof = confirm(a_ketenmachtiging(), service=REFUSES_CHAINS)
        assert (proof.granted, proof.reason) == (False, Reason.CHAIN_NOT_ACCEPTED)

    @pytest.mark.parametrize(("level", "required"), list(product(LevelOfAssurance, repeat=2)))
    def test_wants_the_required_level_of_the_ketenmachtiging(
        self, level: LevelOfAssurance, required: LevelOfAssurance
    ) -> None:
        assert confirm(a_ketenmachtiging(level=level), required=required).granted is (level >= required)

    @pytest.mark.parametrize(
        ("offset", "reason"),
        [(-SECOND, Reason.CHAIN_NOT_YET_VALID), (timedelta(0), None), (SECOND, None)],
    )
    def test_confirms_from_the_very_second_it_begins(self, offset: timedelta, reason: Reason | None) -> None:
        assert confirm(a_ketenmachtiging(valid_from=NOW), now=NOW + offset).reason is reason

    @pytest.mark.parametrize(
        ("offset", "reason"),
        [(-SECOND, None), (timedelta(0), Reason.CHAIN_EXPIRED), (SECOND, Reason.CHAIN_EXPIRED)],
    )
    def test_refuses_from_the_very_second_it_ends(self, offset: timedelta, reason: Reason | None) -> None:
        assert confirm(a_ketenmachtiging(valid_until=NOW), now=NOW + offset).reason is reason

    @pytest.mark.parametrize("offset", [-SECOND, timedelta(0), SECOND])
    def test_refuses_what_was_revoked_by_any_clock(self, offset: timedelta) -> None:
        assert confirm(a_ketenmachtiging(revoked_at=NOW + offset)).reason is Reason.CHAIN_REVOKED

    @pytest.mark.parametrize("reason", CHAIN_FAULTS)
    def test_confirms_on_the_one_that_holds(self, reason: Reason) -> None:
        proof = confirm(a_ketenmachtiging(id="bad", **CHAIN_FAULTS[reason]), a_ketenmachtiging(id="good"))
        assert proof.granted
        assert [link.holds for link in proof.links] == [False, True]

    def test_passes_on_the_vestiging_of_the_client_where_it_is_accepted(self) -> None:
        proof = confirm(a_ketenmachtiging(vestiging=HIGH_STREET), service=a_service(accepts_vestiging=True))
        assert (proof.granted, proof.vestiging) == (True, HIGH_STREET)

    def test_passes_on_the_subdossier_of_the_client_where_it_is_accepted(self) -> None:
        accepting = a_service(restrictions_allowed=frozenset({SUBDOSSIER_RESTRICTION}))
        limited = a_ketenmachtiging(id="limited", subdossier=DOSSIER, level=LOA4)
        assert confirm(limited, service=accepting).subdossier == DOSSIER
        assert confirm(limited, a_ketenmachtiging(id="whole"), service=accepting).subdossier is None

    def test_prefers_the_whole_client_over_a_vestiging(self) -> None:
        limited = a_ketenmachtiging(id="limited", vestiging=HIGH_STREET, level=LOA4)
        whole = a_ketenmachtiging(id="whole", level=LOA3)
        proof = confirm(limited, whole, service=a_service(accepts_vestiging=True))
        assert (proof.vestiging, proof.level) == (None, LOA3)

    def test_takes_the_strongest_of_two_vestigingen(self) -> None:
        proof = confirm(
            a_ketenmachtiging(id="k-1", vestiging=HIGH_STREET, level=LOA3),
            a_ketenmachtiging(id="k-2", vestiging=STATION, level=LOA4),
            service=a_service(accepts_vestiging=True),
        )
        assert (proof.vestiging, proof.level) == (STATION, LOA4)
