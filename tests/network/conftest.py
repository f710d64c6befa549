"""One installation for all tests of the embedded parties; it costs six RSA keys and a dozen argon2 hashes."""

from collections.abc import Iterator

import pytest

from tests.network.installation import Installation
from tests.network.installation import install_all
from tests.network.installation import served


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The embedded parties, with the makelaar of the tests serving its back channel."""
    installed = install_all(tmp_path_factory.mktemp("installation"))
    with served(installed):
        yield installed
    for assembled in installed.parties.values():
        assembled.engine.dispose()
