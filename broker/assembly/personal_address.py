"""An address of our metadata for each partner, so that we see who fetched it.

It says whom it was given to, and a code over that with a secret of the makelaar: strangers cannot make one, and trying
costs no look into the database. The document is the same for everybody.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from broker.saml.artifact import source_id
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.signers.secret import load_secret

PARAMETER: Final = "voor"

FILE: Final = "metadata.secret"
"""In the folder of the makelaar; the same file on every node."""

_CODE_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class PersonalAddresses:
    """Makes and reads what follows ``?voor=``."""

    secret: bytes

    @classmethod
    def of(cls, settings: Settings) -> "PersonalAddresses":
        """Those of an installation; the secret is made when there is none. Raises as ``load_secret``."""
        return cls(load_secret(settings.folder(MAKELAAR) / FILE))

    def address(self, url: str, entity_id: str) -> str:
        """The address ``url`` as it is given to this partner."""
        return f"{url}?{PARAMETER}={self._value(source_id(entity_id))}"

    def read(self, value: str) -> bytes | None:
        """The SourceID of whom this was given to; None when we never gave it to anybody."""
        named, _, _ = value.partition("-")
        try:
            source = bytes.fromhex(named)
        except ValueError:
            return None
        return source if hmac.compare_digest(self._value(source).encode(), value.encode()) else None

    def code_for(self, purpose: str) -> str:
        """Another unguessable part of an address, of the makelaar itself."""
        return self._code(purpose.encode())

    def secret_for(self, purpose: str) -> bytes:
        """A secret of 32 bytes that is never told, the same on every node."""
        return hmac.digest(self.secret, f"secret for {purpose}".encode(), "sha256")

    def _value(self, source: bytes) -> str:
        return f"{source.hex()}-{self._code(source)}"

    def _code(self, data: bytes) -> str:
        return hmac.new(self.secret, data, hashlib.sha256).hexdigest()[:_CODE_CHARACTERS]
