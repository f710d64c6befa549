"""The yardstick: what one RSA-2048 signature and verification cost on this machine, now."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from broker.saml.keys import Certificate
from broker.signers.files import FileSigner

_BATCHES = 9
_SIGNATURES = 30
_VERIFICATIONS = 300
_DATA = b"a SignedInfo is about this long, which hardly matters beside the RSA operation itself" * 6


@dataclass(frozen=True, slots=True)
class Yardstick:
    """CPU ms of one signature (``u`` in the tables) and of one verification."""

    sign: float
    verify: float

    @classmethod
    def measure(cls, signer: FileSigner) -> "Yardstick":
        """The median of batches, in CPU time of this thread, so that waiting for a busy machine does not count."""
        certificate = Certificate.from_der(signer.certificate_der)
        signature = signer.sign(_DATA)
        return cls(
            _median(lambda: signer.sign(_DATA), _SIGNATURES),
            _median(lambda: certificate.verifies(signature, _DATA), _VERIFICATIONS),
        )

    @classmethod
    def median(cls, measured: list["Yardstick"]) -> "Yardstick":
        """The middle of measurements taken through a run."""
        return cls(
            statistics.median(each.sign for each in measured),
            statistics.median(each.verify for each in measured),
        )


def _median(operation: Callable[[], object], times: int) -> float:
    return statistics.median(_batch(operation, times) for _ in range(_BATCHES))


def _batch(operation: Callable[[], object], times: int) -> float:
    begun = time.thread_time()
    for _ in range(times):
        operation()
    return (time.thread_time() - begun) / times * 1000
