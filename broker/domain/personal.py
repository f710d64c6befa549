"""Values that identify a person or a company and may not slip into a log, a page or a cache."""

import re
from typing import Any
from typing import ClassVar
from typing import NoReturn
from typing import SupportsIndex


class PersonalData:
    """A text that comes out through ``reveal()`` only, so that a search finds each place where it leaves.

    Immutable, hashable, equal by type and value. ``str``, ``format`` and pickling raise TypeError; ``repr``
    shows the type only, because debuggers and log lines reach for it unasked. A subclass says in ``_form``
    what is well-formed; nothing is trimmed, padded or changed in case.
    """

    __slots__ = ("_hidden",)

    _form: ClassVar[re.Pattern[str]] = re.compile(".*", re.DOTALL)
    _hidden: Any

    def __init__(self, value: str) -> None:
        """Hold ``value``; ValueError, which does not repeat the value, when it is not well-formed."""
        if not self._is_well_formed(value):
            raise ValueError(f"not a well-formed {type(self).__name__}")
        self._hide(value)

    @classmethod
    def _is_well_formed(cls, value: str) -> bool:
        return cls._form.fullmatch(value) is not None

    def _hide(self, value: str | bytes) -> None:
        object.__setattr__(self, "_hidden", value)

    def reveal(self) -> str:
        """The value in clear: for messages, storage and the person's own screen, never for logs."""
        value: str = self._hidden
        return value

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    def __str__(self) -> NoReturn:
        self._refuse("formatted")

    def __format__(self, format_spec: str) -> NoReturn:
        self._refuse("formatted")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PersonalData):
            return NotImplemented
        return type(self) is type(other) and bool(self._hidden == other._hidden)

    def __hash__(self) -> int:
        return hash((type(self), self._hidden))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        self._refuse("pickled or copied")

    def _refuse(self, done: str) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is personal data and is not {done}: use .reveal()")


class RawMessage(PersonalData):
    """A message as it came in or went out, byte for byte; it may hold any personal data."""

    __slots__ = ()

    def __init__(self, raw: bytes) -> None:
        """Hold ``raw``, whatever it is: judging it is the work of the parser."""
        self._hide(raw)

    def reveal_bytes(self) -> bytes:
        """The message, unchanged."""
        raw: bytes = self._hidden
        return raw

    def reveal(self) -> str:
        """The message as text, for showing only: bytes that are not UTF-8 become U+FFFD."""
        return self.reveal_bytes().decode("utf-8", errors="replace")
