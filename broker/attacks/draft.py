"""What a case has made so far: a message, and how it will be brought."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from lxml import etree

from broker.attacks.case import Step
from broker.attacks.names import PREFIXES
from broker.attacks.scene import Actor
from broker.attacks.scene import Scene

Pairs = list[tuple[str, str]]


class CannotBeMade(Exception):
    """A step that does not fit what was made so far: a fault in the case, not in the makelaar."""


@dataclass(frozen=True, slots=True)
class Line:
    """A connection with mutual TLS: with which kind of client certificate (see ``live.lines``), in whose name."""

    certificate: str
    of: str


@dataclass
class Delivery:
    """One HTTP request.

    ``query`` and ``form`` hold the pairs in order, those of ``query`` as they stand in the address, escaped already;
    ``body`` replaces the form. ``times`` is how often it is sent, ``at_once`` whether all at the same moment. With a
    ``line`` it goes to the listener with mutual TLS.
    """

    path: str
    method: str = "POST"
    query: Pairs = field(default_factory=list)
    form: Pairs = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cookies: bool = True
    also_cookies: str = ""
    """More of the Cookie header, behind what the browser has."""
    tampered: bool = False
    """Whether the last sign of each cookie of the browser is another."""
    times: int = 1
    at_once: bool = False
    line: Line | None = None


@dataclass
class Http:
    """How our listener answers when the makelaar asks it something: status, type, and bytes ``instead`` of the message.

    ``silent`` is for how many seconds it says nothing first; ``repeated`` how often the body is sent, for large ones;
    ``missing`` how many bytes are promised beyond those that come. Status 0 closes the connection without an answer.
    """

    status: int = 200
    content_type: str = "text/xml; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    instead: bytes | None = None
    silent: float = 0.0
    repeated: int = 1
    missing: int = 0


@dataclass
class Handed:
    """A document that is handed over for registration: ``metadata``, ``catalogue`` or ``network`` metadata.

    ``role`` is in which it is registered; ``earlier`` are editions of the network that were taken before; ``url`` is
    from where it is fetched, our listener answering as ``Draft.http`` says.
    """

    kind: str
    role: str = "DV"
    earlier: list[bytes] = field(default_factory=list)
    url: str = ""


@dataclass
class Draft:
    """A case in the making. ``actor`` is who says the message; ``message`` what it says, as bytes.

    ``resolver`` is who holds the message when it goes by artifact; ``later`` are the steps to take when the makelaar
    comes to fetch it; ``http`` is how that is answered. ``first`` is brought before; with ``past_lifetime`` the
    artifact that waits has expired by then. ``handed`` is what the message is when it is a document, and ``meanwhile``
    holds documents that are registered before the message is brought. ``aside`` holds messages to take parts from.
    """

    scene: Scene
    actor: Actor | None = None
    message: bytes = b""
    delivery: Delivery | None = None
    resolver: Actor | None = None
    later: tuple[Step, ...] = ()
    http: Http = field(default_factory=Http)
    first: list[Delivery] = field(default_factory=list)
    past_lifetime: bool = False
    handed: Handed | None = None
    meanwhile: list["Draft"] = field(default_factory=list)
    aside: dict[str, bytes] = field(default_factory=dict)

    @property
    def said_by(self) -> Actor:
        """Who says the message. Raises ``CannotBeMade`` before there is one."""
        if self.actor is None:
            raise CannotBeMade("there is no message yet")
        return self.actor

    def tree(self) -> etree._Element:
        """The message as a tree that may be changed; nothing of the product's own parser."""
        return parse(self.message)

    def edit(self, change: Callable[[etree._Element], etree._Element | None]) -> None:
        """Change the message as a tree; what ``change`` returns, if anything, is the new root."""
        root = self.tree()
        changed = change(root)
        self.message = etree.tostring(root if changed is None else changed)


def parse(data: bytes) -> etree._Element:
    """A tree of our own making, comments and all."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def find(root: etree._Element, path: str) -> etree._Element:
    """The first element at an ElementPath with our usual prefixes; ``.`` is the root. Raises ``CannotBeMade``."""
    found = root if path == "." else root.find(path, namespaces=PREFIXES)
    if found is None:
        raise CannotBeMade(f"there is no {path} in the message")
    return found


def parent_of(element: etree._Element) -> etree._Element:
    """The element around one. Raises ``CannotBeMade`` for the root."""
    parent = element.getparent()
    if parent is None:
        raise CannotBeMade("the root has nothing around it")
    return parent


def put(parent: etree._Element, child: etree._Element, position: int) -> None:
    """Put a child at a position; -1 is after the last."""
    parent.insert(len(parent) if position < 0 else position, child)
