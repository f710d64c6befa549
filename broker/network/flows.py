"""What a party remembers of one login between two pages, in the state store and never in the browser."""

import json
import re
import secrets
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from typing import Any
from typing import ClassVar
from typing import Generic
from typing import Protocol
from typing import TypeVar

from broker.ports import StateStore
from broker.saml.policy import LIFETIMES

TTL = int(LIFETIMES.journey.total_seconds())


class _Record(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=_Record)
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Flows(Generic[R]):
    """Flows of one kind, each a flat dataclass of what JSON can hold, for half an hour."""

    state: StateStore
    kind: type[R]

    def begin(self, record: R) -> str:
        """Remember a new flow; its id, which is random and stands in the address of its pages."""
        flow = secrets.token_hex(16)
        self.save(flow, record)
        return flow

    def save(self, flow: str, record: R) -> None:
        """Replace what is remembered of a flow."""
        self.state.put(_key(flow), json.dumps(asdict(record)).encode(), TTL)

    def find(self, flow: str) -> R | None:
        """The flow as it was last saved, None when it has ended or expired."""
        return self._read(self.state.get(_key(flow)))

    def end(self, flow: str) -> R | None:
        """Take the flow out: of any number of requests at once, one gets it and may answer."""
        return self._read(self.state.take(_key(flow)))

    def _read(self, value: bytes | None) -> R | None:
        if value is None:
            return None
        known = {field.name for field in fields(self.kind)}
        stored = json.loads(value)
        return self.kind(**{name: stored[name] for name in known & stored.keys()})


def is_flow_id(text: str) -> bool:
    """Whether a text from outside has the form of an id that ``begin`` gives."""
    return _ID.fullmatch(text) is not None


def _key(flow: str) -> str:
    return f"flow:{flow}"
