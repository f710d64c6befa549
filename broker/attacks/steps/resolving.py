"""What only makes sense where a dienstverlener resolves an artifact."""

from broker.attacks.case import Hop
from broker.attacks.case import Step
from broker.attacks.draft import Draft
from broker.attacks.steps import step
from broker.attacks.steps import take
from broker.attacks.steps.bringing import brought


@step
def by_soap(draft: Draft) -> None:
    """Bring the message, an envelope, to where artifacts are resolved."""
    brought(draft, Hop.RESOLVE)


@step
def past_lifetime(draft: Draft) -> None:
    """Bring it when the artifact that waits has expired."""
    draft.past_lifetime = True


@step
def guess_before(draft: Draft, times: int) -> None:
    """Ask first, as the same partner, so many times for an artifact that there never was."""
    guess = Draft(draft.scene)
    given = {"by": draft.said_by.name, "artifact": "{artifact:handle=" + "a5" * 20 + "}"}
    take("a guess", [Step(do="artifact-resolve", given=given), Step(do="sign"), Step(do="in-soap")], guess)
    delivery = brought(guess, Hop.RESOLVE)
    delivery.times = times
    draft.first.append(delivery)
