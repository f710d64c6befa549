"""What can be wrong with a message. Each error knows its code in the catalogue of refusals.

The text of an error is for operators and tests; it never holds a value out of the message, because values may be
personal data, and it is never shown to the person logging in.
"""

from contextvars import ContextVar

_failed: ContextVar[bool] = ContextVar("a cryptographic failure in this request", default=False)


class SamlError(Exception):
    """A message that is not believed. ``code`` is a key of the catalogue of refusals."""

    code = "bericht-ongeldig"

    @property
    def told(self) -> str:
        """The text for another party: that of the error, unless it would tell of our keys or of what we opened."""
        return str(self)


class CryptographicFailure(SamlError):
    """A signature that does not hold or ciphertext that does not open. From outside all of these look the same.

    One code, one text for others, and one time: whoever catches it, the request it arose in is known by
    ``failed_in_this_request`` and leaves no sooner than any other such request. The reason is for the log.
    """

    code = "handtekening-ongeldig"

    def __init__(self, reason: str) -> None:
        """Leave a mark on the request, so that no place that catches this can forget to."""
        super().__init__(reason)
        _failed.set(True)

    @property
    def told(self) -> str:
        """One and the same text, whatever was wrong."""
        return "the message cannot be trusted"


def begin_request() -> None:
    """From here on, in this thread, cryptographic failures count for a new request."""
    _failed.set(False)


def failed_in_this_request() -> bool:
    """Whether a cryptographic failure arose since ``begin_request``."""
    return _failed.get()


class MalformedMessage(SamlError):
    """Not well-formed, not valid against the schema, or outside the profile."""


class MessageTooLarge(SamlError):
    """Over a size, depth or node limit; found before or during parsing."""

    code = "bericht-te-groot"


class InvalidSignature(CryptographicFailure):
    """No signature, another shape of signature than the profile allows, or one that does not hold."""


class DecryptionFailed(CryptographicFailure):
    """Could not be decrypted, or what was inside is not what belongs there."""


class NobodyToEncryptFor(SamlError):
    """No certificate is in force that a partner's metadata gives to encrypt for. Nothing is sent in clear instead."""

    code = "identificatie-niet-leverbaar"


class TooManyGuesses(SamlError):
    """One partner asked for too many artifacts that lead nowhere."""


class UnknownPartner(SamlError):
    """The Issuer is nobody we know in that role."""

    code = "partij-onbekend"


class MetadataNotInForce(UnknownPartner):
    """Known, but by metadata that has expired or is still to come in force; that counts as unknown."""

    code = "metadata-verlopen"


class WrongDestination(SamlError):
    """Meant for another endpoint (SAML core 3.2.1, Destination)."""

    code = "bestemming-onjuist"


class OutsideTimeWindow(SamlError):
    """Too old, or from the future."""

    code = "verzoek-verlopen"


class Replayed(SamlError):
    """An ID that was used before."""

    code = "verzoek-herhaald"


class UnknownAssertionConsumerService(SamlError):
    """An ACS that is not in the partner's metadata."""

    code = "acs-onbekend"


class UnexpectedAnswer(SamlError):
    """A valid message, but not the answer to what was asked."""

    code = "antwoord-ongeldig"


class SpentArtifact(UnexpectedAnswer):
    """An artifact that leads to no message (any more): it was resolved before, or expired."""
