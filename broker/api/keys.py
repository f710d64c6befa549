"""The keys with which the makelaar signs: announced, active, retiring, retired."""

from broker.api.models import AdoptionModel
from broker.api.models import Announced
from broker.api.models import Confirmation
from broker.api.models import Confirmed
from broker.api.models import KeyFilesList
from broker.api.models import KeyFilesModel
from broker.api.models import KeyList
from broker.api.models import KeyModel
from broker.api.models import KeyMoment
from broker.api.models import Onwards
from broker.api.models import UnseenModel
from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.onboarding.key_adoption import PAGE
from broker.onboarding.key_adoption import KeyAdoption
from broker.onboarding.key_files import unannounced_files
from broker.onboarding.own_keys import KeyLine
from broker.onboarding.own_keys import OwnKeys
from broker.ports.tokens import Scope


def _model(line: KeyLine) -> KeyModel:
    key = line.key
    return KeyModel(
        name=key.name,
        state=line.state.value,
        key_name=key.fingerprint,
        announced_at=key.announced_at,
        active_at=key.active_at,
        retiring_at=key.retiring_at,
        retired_at=key.retired_at,
        not_after=line.not_after,
        absent=None if line.absent is None else str(line.absent),
    )


def _list(call: Call) -> Reply:
    return Reply(KeyList(items=[_model(each) for each in OwnKeys(call.makelaar).states(call.clock())]))


def _announce(call: Call) -> Reply:
    line = OwnKeys(call.makelaar).announce(call.body.name, call.actor, call.body.reason)
    return Reply(_model(line), headers={"Location": "/v1/keys"})


def _activate(call: Call) -> Reply:
    asked = call.body
    keys = OwnKeys(call.makelaar)
    return Reply(
        _model(
            keys.activate(call.path["key_name"], call.actor, asked.at, anyway=asked.anyway, why=asked.reason)
        )
    )


def _retire(call: Call) -> Reply:
    asked = call.body
    keys = OwnKeys(call.makelaar)
    return Reply(
        _model(
            keys.retire(call.path["key_name"], call.actor, asked.at, anyway=asked.anyway, why=asked.reason)
        )
    )


def _files(call: Call) -> Reply:
    found = unannounced_files(OwnKeys(call.makelaar))
    return Reply(
        KeyFilesList(
            items=[
                KeyFilesModel(
                    name=each.name, key=each.key, certificate=each.certificate, request=each.request
                )
                for each in found
            ]
        )
    )


def _adoption(call: Call) -> Reply:
    adoption, name = KeyAdoption(call.makelaar), call.path["key_name"]
    found = adoption.of_key(name)
    unseen = adoption.would_break(name, after=call.query.after)
    return Reply(
        AdoptionModel(
            name=name,
            state=found.state.value,
            seen={how.value: count for how, count in found.counts.items()},
            unseen=found.unseen,
            items=[
                UnseenModel(entity_id=each.entity_id, role=each.role.value, name=each.name) for each in unseen
            ],
            after=unseen[-1].entity_id if len(unseen) == PAGE else None,
        )
    )


def _confirm(call: Call) -> Reply:
    asked, adoption = call.body, KeyAdoption(call.makelaar)
    told = [*asked.entity_ids, *(adoption.of_the_network() if asked.network else ())]
    count = adoption.confirm(call.path["key_name"], told, call.actor, asked.reason)
    return Reply(Confirmed(confirmed=count))


OPERATIONS = (
    Operation(
        "GET", "/keys", "listKeys", "Our keys and their moments", Scope.KEYS_READ, _list, returns=KeyList
    ),
    Operation(
        "POST",
        "/keys",
        "announceKey",
        "Have our metadata hold the next key, whose files are in place",
        Scope.KEYS_WRITE,
        _announce,
        body=Announced,
        returns=KeyModel,
        status=201,
    ),
    Operation(
        "POST",
        "/keys/{key_name}/activation",
        "activateKey",
        "Have it sign from a moment on",
        Scope.KEYS_WRITE,
        _activate,
        body=KeyMoment,
        returns=KeyModel,
    ),
    Operation(
        "POST",
        "/keys/{key_name}/retirement",
        "retireKey",
        "Take it out of our metadata",
        Scope.KEYS_WRITE,
        _retire,
        body=KeyMoment,
        returns=KeyModel,
    ),
    Operation(
        "GET",
        "/keys/{key_name}/adoption",
        "getKeyAdoption",
        "Who was seen with it, and who would break if it signed",
        Scope.KEYS_READ,
        _adoption,
        query=Onwards,
        returns=AdoptionModel,
    ),
    Operation(
        "POST",
        "/keys/{key_name}/confirmations",
        "confirmKey",
        "Keep that partners said to have it",
        Scope.KEYS_WRITE,
        _confirm,
        body=Confirmation,
        returns=Confirmed,
    ),
    Operation(
        "GET",
        "/key-files",
        "listKeyFiles",
        "Which keys can be announced: the files on this node",
        Scope.KEYS_READ,
        _files,
        returns=KeyFilesList,
    ),
)
