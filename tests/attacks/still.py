"""The scene that stands still: the same actors with keys of the tests, and a question that nobody asked."""

from functools import cache

from broker.attacks.case import Case
from broker.attacks.case import Hop
from broker.attacks.case import Step
from broker.attacks.draft import Draft
from broker.attacks.live.troupe import asked
from broker.attacks.live.troupe import entity_ids
from broker.attacks.scene import Actor
from broker.attacks.scene import Earlier
from broker.attacks.scene import Question
from broker.attacks.scene import Scene
from broker.attacks.steps import perform
from broker.attacks.steps import take
from broker.attacks.steps.bringing import ENDPOINTS
from broker.saml.artifact import HANDLE_BYTES
from broker.saml.artifact import Artifact
from broker.saml.artifact import source_id
from broker.settings import MAKELAAR
from tests.keys import key_stem

TARGET = "https://hm.example.nl"
EVIL = "FORGED"
_ARTIFACT = Artifact(1, source_id(MAKELAAR.entity_id), bytes(HANDLE_BYTES)).encode()


@cache
def actors() -> dict[str, Actor]:
    """Everybody, and the makelaar too, whose key only tests hold."""
    everybody = {name: Actor(name, entity_id, key_stem(name)) for name, entity_id in entity_ids().items()}
    return {**everybody, "hm": Actor("hm", MAKELAAR.entity_id, key_stem("hm"))}


def still_scene(case: Case) -> Scene:
    """A scene for this case, with a login that rests on real assertions."""
    consumer = TARGET + ENDPOINTS.get(case.hop, ENDPOINTS[Hop.AD])
    question = Question(id="_question", consumer=consumer, relay_state="journey", artifact=_ARTIFACT)
    service = asked(case.login.by, case.login.service)
    scene = Scene(TARGET, MAKELAAR.entity_id, actors(), service, question, EVIL)
    if case.login.earlier:
        assertion = _made(scene, "ad-assertion", by=case.login.ad)
        response = take(
            "a login", [Step(do="in-response"), Step(do="sign")], Draft(scene, scene.actor("ad"), assertion)
        )
        scene.earlier = Earlier("_earlier", "earlier", response.message, assertion)
    if case.hop in (Hop.MR, Hop.CHAIN):
        question.authentication = _made(scene, "ad-assertion", by=case.login.ad)
    if case.hop is Hop.CHAIN:
        register = case.login.confirm_at
        question.authorization = _made(
            scene, "mr-assertion", legal_for=register, intermediate_for=case.login.by, confirm_at=register
        )
    return scene


def made(case: Case) -> Draft:
    """A case as it is brought, with nothing at the other side."""
    return perform(case, Draft(still_scene(case)))


def _made(scene: Scene, what: str, **given: str) -> bytes:
    draft = Draft(scene)
    take("a login", [Step(do=what, given=given), Step(do="sign")], draft)
    return draft.message
