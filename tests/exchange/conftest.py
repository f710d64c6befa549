"""The network that the tests of the exchange share."""

import pytest

from tests.exchange.builders import Network


@pytest.fixture
def network() -> Network:
    """Five stations that have not spoken yet."""
    return Network()
