"""The form in which audit records, and what vouches for them, are hashed and signed.

JSON with sorted keys, no spaces and ASCII only, so that any language can make the same bytes from the fields.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Final

PURPOSE: Final = "purpose"
"""The field that keeps a signature under one kind of document from standing under another."""


def canonical(fields: Mapping[str, object]) -> bytes:
    """The bytes of a document: fields of text, numbers, None and lists of these."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def digest(fields: Mapping[str, object]) -> str:
    """The SHA-256 of the canonical bytes, hex."""
    return hashlib.sha256(canonical(fields)).hexdigest()


def moment(at: datetime) -> str:
    """A moment in UTC to the microsecond, as it is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
