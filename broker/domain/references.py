"""References: the code that a person reads to the helpdesk and an operator searches for."""

import re

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FORM = re.compile(f"EH-[{_ALPHABET}]{{4}}-[{_ALPHABET}]{{4}}")
_BYTES = 5


def new_reference(random_bytes: bytes) -> str:
    """A reference such as ``EH-7K3Q-9TXM``, made of the first 40 bits of ``random_bytes``.

    Crockford's base32 leaves out I, L, O and U, so that it survives being read over the telephone.
    ValueError when there are fewer than five bytes.
    """
    if len(random_bytes) < _BYTES:
        raise ValueError(f"a reference needs {_BYTES} random bytes")
    number = int.from_bytes(random_bytes[:_BYTES], "big")
    symbols = "".join(_ALPHABET[number >> shift & 0b11111] for shift in range(35, -1, -5))
    return f"EH-{symbols[:4]}-{symbols[4:]}"


def is_reference(text: str) -> bool:
    """Whether ``text`` has exactly the form that ``new_reference`` gives."""
    return _FORM.fullmatch(text) is not None
