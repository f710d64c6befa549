"""A mutation as a program in a few bytes: what hypothesis draws, what atheris evolves, what is kept of a finding.

The first byte chooses the message, the second who signs it afterwards; then follow instructions of six bytes. Any
bytes are a program, and the same bytes are the same mutation in every process, whatever keys and ciphertexts the
messages have there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

HEAD = 2
WIDTH = 6
MOST = 6
"""Instructions in one program: beyond this nothing is left of the message, and nothing is learned."""
LONGEST = HEAD + WIDTH * MOST


class Signing(Enum):
    """Who signs what came out: nobody (what stood there stays), its sender, another partner, or a stranger."""

    NOBODY = "nobody"
    SENDER = "sender"
    PARTNER = "partner"
    STRANGER = "stranger"


_SIGNING = (Signing.NOBODY,) * 4 + (Signing.SENDER,) * 2 + (Signing.PARTNER, Signing.STRANGER)


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: the number of a mutation, where it strikes, what it writes, and how much of it."""

    mutation: int
    where: int
    what: int
    amount: int

    def write(self) -> bytes:
        """The bytes of this step."""
        return (
            bytes([self.mutation])
            + self.where.to_bytes(2, "big")
            + self.what.to_bytes(2, "big")
            + bytes([self.amount])
        )


@dataclass(frozen=True, slots=True)
class Program:
    """Which message (a number, to be taken modulo), who signs afterwards, and the steps."""

    message: int
    signing: Signing
    steps: tuple[Step, ...]

    @classmethod
    def read(cls, data: bytes) -> "Program":
        """Any bytes are a program; what is missing at the end is zero."""
        data = data[:LONGEST]
        head, rest = data[:HEAD].ljust(HEAD, b"\0"), data[HEAD:]
        steps = tuple(_step(rest[place : place + WIDTH]) for place in range(0, len(rest), WIDTH))
        return cls(head[0], _SIGNING[head[1] % len(_SIGNING)], steps)

    @staticmethod
    def write(message: int, signing: int, steps: Sequence[Step]) -> bytes:
        """The bytes of a program, its head as numbers below 256."""
        return bytes([message, signing]) + b"".join(step.write() for step in steps[:MOST])


def _step(data: bytes) -> Step:
    data = data.ljust(WIDTH, b"\0")
    return Step(data[0], int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:5], "big"), data[5])
