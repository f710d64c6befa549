"""What goes over the line about setup links."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from pydantic import StringConstraints

from broker.api.models import PRINTABLE
from broker.api.models import Asked
from broker.api.models import EntityId
from broker.api.models import Given
from broker.onboarding.setup_links import DAYS
from broker.onboarding.setup_links import LONGEST_DAYS
from broker.onboarding.setup_links import LONGEST_NAME


class LinkModel(Given):
    """A setup link: ``good``, ``expired`` or ``revoked``. ``entity_id`` None: its dienstverlener is still to come."""

    id: str
    name: str
    entity_id: str | None
    state: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class LinkList(Given):
    """Setup links, newest first."""

    items: list[LinkModel]


class LinksOf(Asked):
    """Whose setup links; without ``entity_id`` all."""

    entity_id: EntityId | None = None


class LinkToMake(Asked):
    """For whom, and for how many days. Without ``entity_id`` it is for a dienstverlener that is still to come."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=PRINTABLE)]
    entity_id: EntityId | None = None
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = DAYS


class MadeLink(Given):
    """A link that was made, and the address that opens it, which is told once."""

    link: LinkModel
    url: str
