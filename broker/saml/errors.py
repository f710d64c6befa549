"""What can be wrong with a message. Each error knows its code in the catalogue of refusals.

The text of an error is for operators and tests; it never holds a value out of the message, because values may be
personal data, and it is never shown to the person logging in.
"""


class SamlError(Exception):
    """A message that is not believed. ``code`` is a key of the catalogue of refusals."""

    code = "bericht-ongeldig"


class MalformedMessage(SamlError):
    """Not well-formed, not valid against the schema, or outside the profile."""


class MessageTooLarge(SamlError):
    """Over a size, depth or node limit; found before or during parsing."""

    code = "bericht-te-groot"


class InvalidSignature(SamlError):
    """No signature, another shape of signature than the profile allows, or one that does not hold."""

    code = "handtekening-ongeldig"


class DecryptionFailed(SamlError):
    """Could not be decrypted. One text for every cause, so that nothing can be learned from it."""

    code = "antwoord-ongeldig"


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
