"""Who operates the makelaar: names, roles, and what they log in with."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Protocol

from broker.ports.changes import Change
from broker.ports.changes import OperatorRole


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator. ``username`` is as it is compared: folded; ``name`` as colleagues know them.

    ``password_hash`` is argon2id in PHC form, ``totp_secret`` base32; both are None until they are set with an
    enrolment link.
    """

    username: str
    name: str
    role: OperatorRole
    created_at: datetime
    password_hash: str | None = field(default=None, repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    disabled_at: datetime | None = None
    last_login_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential of an operator. ``credential_id`` is base64url; ``sign_count`` only ever grows."""

    credential_id: str
    operator: str
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    last_used_at: datetime | None = None


class OperatorStore(Protocol):
    """The operators and their passkeys. What changes is written with its ``Change``, in one transaction."""

    def all(self) -> Sequence[Operator]:
        """Every operator, disabled ones too, by username."""

    def find(self, username: str) -> Operator | None:
        """The operator with this username, folded."""

    def save(self, operator: Operator, change: Change) -> None:
        """Add or replace the operator with this username."""

    def logged_in(self, username: str, at: datetime) -> None:
        """Note when somebody logged in last."""

    def passkeys(self, username: str) -> Sequence[Passkey]:
        """The passkeys of one operator, oldest first."""

    def passkey(self, credential_id: str) -> Passkey | None:
        """The passkey with this id, whosever it is."""

    def save_passkey(self, passkey: Passkey, change: Change) -> None:
        """Add a passkey."""

    def used_passkey(self, credential_id: str, sign_count: int, at: datetime) -> None:
        """Note that it was used, and how often it says it was."""

    def remove_passkeys(self, username: str, credential_id: str | None, change: Change) -> int:
        """Remove one passkey of an operator, or all when ``credential_id`` is None; how many those were."""
