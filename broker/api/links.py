"""Setup links: personal addresses at which somebody of a dienstverlener prepares its connection."""

from broker.api.link_models import LinkList
from broker.api.link_models import LinkModel
from broker.api.link_models import LinksOf
from broker.api.link_models import LinkToMake
from broker.api.link_models import MadeLink
from broker.api.models import Because
from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.api.problems import Problem
from broker.onboarding.setup_links import SetupLinks
from broker.onboarding.setup_links import address_of
from broker.ports.setup_links import SetupLink
from broker.ports.tokens import Scope


def _links(call: Call) -> SetupLinks:
    return SetupLinks(call.makelaar.engine, call.clock)


def _model(call: Call, link: SetupLink) -> LinkModel:
    return LinkModel(
        id=link.id,
        name=link.name,
        entity_id=link.entity_id,
        state=link.state(call.clock()).value,
        created_by=link.created_by,
        created_at=link.created_at,
        expires_at=link.expires_at,
        last_used_at=link.last_used_at,
        revoked_at=link.revoked_at,
    )


def _list(call: Call) -> Reply:
    return Reply(LinkList(items=[_model(call, each) for each in _links(call).of(call.query.entity_id)]))


def _make(call: Call) -> Reply:
    asked = call.body
    try:
        link, token = _links(call).make(asked.entity_id, asked.name, call.actor, asked.days)
    except ValueError as error:
        raise Problem(422, f"{error}.", "fields") from None
    url = address_of(call.makelaar.settings, token)
    return Reply(MadeLink(link=_model(call, link), url=url), headers={"Location": "/v1/setup-links"})


def _revoke(call: Call) -> Reply:
    return Reply(_model(call, _links(call).revoke(call.path["link_id"], call.actor, call.body.reason)))


OPERATIONS = (
    Operation(
        "GET",
        "/setup-links",
        "listSetupLinks",
        "The setup links of one dienstverlener, or all, newest first, those that ended too",
        Scope.LINKS_READ,
        _list,
        query=LinksOf,
        returns=LinkList,
    ),
    Operation(
        "POST",
        "/setup-links",
        "makeSetupLink",
        "Make a setup link; its address is in this answer and nowhere else",
        Scope.LINKS_WRITE,
        _make,
        body=LinkToMake,
        returns=MadeLink,
        status=201,
        errors=(404,),
        once=True,
    ),
    Operation(
        "POST",
        "/setup-links/{link_id}/revocation",
        "revokeSetupLink",
        "End a setup link at once",
        Scope.LINKS_WRITE,
        _revoke,
        body=Because,
        returns=LinkModel,
    ),
)
