"""Files about many dienstverleners: one EntitiesDescriptor, and beside it one ServiceCatalogue with many providers."""

import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from typing import Final

from broker.onboarding.importing import Came
from broker.onboarding.importing import Handed
from broker.onboarding.importing import Result
from broker.saml.errors import SamlError
from broker.saml.metadata import oin_of
from broker.saml.splitting import Part
from broker.saml.splitting import entities
from broker.saml.splitting import holds_many
from broker.saml.splitting import providers

_HEAD: Final = 4096
"""Bytes in which a root element begins."""


def is_aggregate(path: Path) -> bool:
    """Whether a file is about many; False for what cannot be read, which is told of later."""
    with suppress(OSError), path.open("rb") as file:
        return holds_many(file.read(_HEAD))
    return False


def read_aggregate(metadata: Path, catalogue: Path) -> Iterator[Handed | Result]:
    """Each dienstverlener in the file, or why it cannot be taken in; the others come all the same.

    Its catalogue is that of the OIN in its entityID. Memory holds one at a time; the catalogues wait in a temporary
    file. Where a file is no longer XML it ends, with a result that says so.
    """
    with tempfile.TemporaryFile() as file:
        kept = _Catalogues(file)
        yield from kept.fill(catalogue)
        for part in _parts(metadata, entities):
            if isinstance(part, Result):
                yield part
                continue
            name = f"{metadata}, line {part.line}: {part.name}"
            oin = oin_of(part.name)
            found = None if oin is None else kept.of(oin)
            if found is None:
                yield _refused(name, f"{catalogue.name} holds no catalogue of the OIN in its entityID.")
            else:
                yield Handed(name, part.document, found)


class _Catalogues:
    """Where in a file the catalogue of each OIN stands."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}

    def fill(self, catalogue: Path) -> Iterator[Result]:
        """Keep all of them; what is wrong with them."""
        for part in _parts(catalogue, providers):
            if isinstance(part, Result):
                yield part
            elif part.name in self._places:
                yield _refused(f"{catalogue}, line {part.line}: {part.name}", "this OIN stands there twice.")
            else:
                self._places[part.name] = self._file.tell(), len(part.document)
                self._file.write(part.document)

    def of(self, oin: str) -> bytes | None:
        """The catalogue of an OIN."""
        if oin not in self._places:
            return None
        start, length = self._places[oin]
        self._file.seek(start)
        return self._file.read(length)


def _parts(path: Path, split: Callable[[BinaryIO], Iterator[Part]]) -> Iterator[Part | Result]:
    count = 0
    try:
        with path.open("rb") as file:
            for part in split(file):
                count += 1
                yield part
    except OSError as error:
        yield _refused(str(path), f"{error.strerror}. Give a file that can be read.")
    except SamlError as error:
        yield _refused(str(path), f"{error}. The {count} before it were read, what stands after it was not.")


def _refused(name: str, why: str) -> Result:
    return Result(name, Came.REFUSED, (why,))
