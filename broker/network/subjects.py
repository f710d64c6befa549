"""How a machtigingenregister knows a person: by authenticatiedienst and internal pseudonym together."""

from broker.domain.identifiers import InternalPseudonym


def subject_at(authenticatiedienst: str, pseudonym: str) -> InternalPseudonym:
    """The person whom ``authenticatiedienst`` (an entityID) calls ``pseudonym``.

    An internal pseudonym is unique within its authenticatiedienst only, so two of them can never be the same person
    here. ValueError when the two together are not well-formed.
    """
    return InternalPseudonym(f"{authenticatiedienst}|{pseudonym}")
