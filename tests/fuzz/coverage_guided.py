"""The same programs, evolved by atheris (libFuzzer) towards what the product has not done before.

``python -m tests.fuzz.coverage_guided TALLY [options of libFuzzer] [folders of programs]``. What it finds it writes as
``crash-...``; ``python -m tests.fuzz FILE`` shows what that is.
"""

import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["broker.saml", "broker.exchange"]):
    from tests.fuzz.kinds import KINDS
    from tests.fuzz.program import HEAD
    from tests.fuzz.program import LONGEST
    from tests.fuzz.program import WIDTH
    from tests.fuzz.tally import Tally

_SAVED_EVERY = 200


def breed(data: bytes, most: int, seed: int) -> bytes:
    """A child of a program that differs by a step, or as libFuzzer likes."""
    chance = random.Random(seed)
    if chance.random() < 0.3:
        child: bytes = atheris.Mutate(data, most)
        return child
    head, rest = data[:HEAD].ljust(HEAD, b"\0"), data[HEAD:]
    steps = [rest[place : place + WIDTH].ljust(WIDTH, b"\0") for place in range(0, len(rest), WIDTH)]
    choice = chance.randrange(5)
    if choice == 0:
        head = chance.randbytes(HEAD)
    elif choice == 1 and steps:
        del steps[chance.randrange(len(steps))]
    elif choice == 2 and steps:
        place, byte = chance.randrange(len(steps)), chance.randrange(WIDTH)
        changed = bytearray(steps[place])
        changed[byte] = chance.randrange(256)
        steps[place] = bytes(changed)
    else:
        steps.insert(chance.randrange(len(steps) + 1), chance.randbytes(WIDTH))
    return (head + b"".join(steps))[: min(most, LONGEST)]


def seeds() -> list[bytes]:
    """A program for every kind, unchanged, as it was signed and signed anew."""
    return [bytes([number, signing]) for number in range(len(KINDS)) for signing in (0, 4)]


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    path, tally = Path(sys.argv[1]), Tally()

    def one_input(data: bytes) -> None:
        tally.run(data)
        if tally.inputs % _SAVED_EVERY == 0:
            tally.save(path)

    for seed in seeds():
        one_input(seed)
    options = [sys.argv[0], f"-max_len={LONGEST}", *sys.argv[2:]]
    atheris.Setup(options, one_input, custom_mutator=breed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
