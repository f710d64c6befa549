"""One time for every cryptographic failure: the response leaves a whole number of beats after the message was there.

One text and one code come from ``CryptographicFailure``. What differs between a digest, a padding and a key that does
not fit then takes microseconds of a beat of milliseconds, and the next beat hides a busy machine too.
"""

import time
from contextvars import ContextVar

from flask import Flask
from flask import Response

from broker.saml.errors import begin_request
from broker.saml.errors import failed_in_this_request
from broker.saml.policy import LIFETIMES

_arrived: ContextVar[float] = ContextVar("when the message of this request was there", default=0.0)


def install_same_face(app: Flask) -> None:
    """Give the application one time for every cryptographic failure."""
    app.before_request(_begin)
    app.after_request(_hold_back)


def message_is_here() -> None:
    """Count from now: a sender who lets the last byte wait does not choose where in a beat the work begins."""
    _arrived.set(time.monotonic())


def seconds_to_wait(worked: float, beat: float) -> float:
    """From ``worked`` seconds on to the end of the beat that is under way."""
    return beat - worked % beat


def _begin() -> None:
    begin_request()
    message_is_here()


def _hold_back(response: Response) -> Response:
    if failed_in_this_request():
        worked = time.monotonic() - _arrived.get()
        time.sleep(seconds_to_wait(worked, LIFETIMES.refusal_beat.total_seconds()))
    return response
