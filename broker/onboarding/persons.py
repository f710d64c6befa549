"""Who stands behind a name in the history: four eyes are those of two people, not of one person in two ways.

Who made a token may hold it, who made a setup link may open it, and who named a source may decide what is fetched from
it. None of those can be told from the outside, so all three count as that person.
"""

from sqlalchemy import Engine

from broker.ports.versions import Version
from broker.storage.changes import SqlChangeLog
from broker.storage.setup_links import SqlSetupLinks
from broker.storage.tokens import SqlTokens

SCHEDULE = "schedule"
"""The name of the makelaar itself, when it does what somebody set it to."""

_CHANGES = 1000
"""How far back in the history of one partner is looked for who set its source."""


class Persons:
    """The people behind the names in the history of one makelaar."""

    def __init__(self, engine: Engine) -> None:
        """Works on the database of the makelaar."""
        self._engine = engine

    def is_another(self, name: str, version: Version) -> bool:
        """Whether nobody who may stand behind this name stands behind this version."""
        return not self._behind(name) & self._makers(version)

    def _makers(self, version: Version) -> frozenset[str]:
        if version.created_by != SCHEDULE:
            return self._behind(version.created_by)
        history = SqlChangeLog(self._engine).of(version.entity_id, _CHANGES)
        setters = (change.who for change in history if change.what == "source-set")
        return frozenset({SCHEDULE}).union(*map(self._behind, setters))

    def _behind(self, name: str) -> frozenset[str]:
        """This name, and whoever made what it stands for; of several that had the name, all of them."""
        makers: set[str] = set()
        if name.startswith("token:"):
            makers = {each.created_by for each in SqlTokens(self._engine).list() if each.actor.name == name}
        elif name.startswith("link:"):
            makers = {each.created_by for each in SqlSetupLinks(self._engine).all() if each.who == name}
        return frozenset({name}).union(*map(self._behind, makers))
