"""How our side of the back channel answers when the makelaar fetches something: behind ``when-fetched``."""

from broker.attacks.draft import Draft
from broker.attacks.draft import Http
from broker.attacks.steps import step


@step
def answer_with(
    draft: Draft,
    status: int = 200,
    content_type: str = "text/xml; charset=utf-8",
    instead: str | None = None,
    headers: dict[str, str] | None = None,
    silent: float = 0.0,
    repeated: int = 1,
    missing: int = 0,
) -> None:
    """Answer over HTTP in another way; the arguments are those of ``draft.Http``."""
    body = None if instead is None else instead.encode()
    draft.http = Http(status, content_type, headers or {}, body, silent, repeated, missing)
