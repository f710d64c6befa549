"""What goes over the line about test logins."""

from typing import Annotated

from pydantic import StringConstraints

from broker.api.models import PRINTABLE
from broker.api.models import Asked
from broker.api.models import Given
from broker.rehearsals.kinds import RIGHT

_Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=PRINTABLE)]


class LoginToTry(Asked):
    """Which answer it gets: ``right``, ``look``, or one that is wrong on purpose.

    Without ``service_id`` it is for any service; ``login_url`` is where the dienstverlener lets people log in.
    """

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}$")] = RIGHT
    service_id: _Text | None = None
    login_url: _Text | None = None


class StartedLogin(Given):
    """A test login that was started, and the address for the browser that takes part, which is told once."""

    id: str
    version_id: str
    kind: str
    url: str
