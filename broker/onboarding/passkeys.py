"""Passkeys of operators: the two ceremonies of WebAuthn (level 2, 7.1 and 7.2), with user verification.

A passkey is bound to the address of the console by the browser, so a login with one cannot be phished, and it needs no
second factor: the device asks for a fingerprint or a PIN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from webauthn import base64url_to_bytes
from webauthn import generate_authentication_options
from webauthn import generate_registration_options
from webauthn import options_to_json
from webauthn import verify_authentication_response
from webauthn import verify_registration_response
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticatorSelectionCriteria
from webauthn.helpers.structs import PublicKeyCredentialDescriptor
from webauthn.helpers.structs import ResidentKeyRequirement
from webauthn.helpers.structs import UserVerificationRequirement

from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.operators import OperatorRefused
from broker.onboarding.operators import Operators
from broker.ports.changes import Change
from broker.ports.operators import Operator
from broker.ports.operators import Passkey

MOST = 10
"""Passkeys of one operator."""

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What the browser is asked: the options as JSON, and the challenge that must come back, base64url."""

    options: str
    challenge: str


class Passkeys:
    """The passkeys of the operators of one console."""

    def __init__(self, operators: Operators, console_url: str, clock: Clock = system_clock) -> None:
        """``console_url`` decides to which address passkeys are bound."""
        parts = urlsplit(console_url)
        self._rp_id = parts.hostname or "localhost"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._operators = operators
        self._clock = clock

    def of(self, operator: Operator) -> Sequence[Passkey]:
        """The passkeys of an operator, oldest first."""
        return self._operators.store.passkeys(operator.username)

    def begin_adding(self, operator: Operator) -> Ceremony:
        """What the browser needs to make one."""
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name="makelaar",
            user_id=operator.username.encode(),
            user_name=operator.username,
            user_display_name=operator.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id))
                for each in self.of(operator)
            ],
        )
        return Ceremony(options_to_json(options), bytes_to_base64url(options.challenge))

    def add(self, operator: Operator, answer: str, challenge: str, name: str) -> None:
        """Keep the passkey that a browser made. Raises ``OperatorRefused``."""
        if len(self.of(operator)) >= MOST:
            raise OperatorRefused("passkeys_full", "passkey")
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise OperatorRefused("passkey_refused", "passkey") from error
        now = self._clock()
        credential_id = bytes_to_base64url(made.credential_id)
        shown = " ".join(name.split())[:_LONGEST_NAME] or "passkey"
        passkey = Passkey(
            credential_id, operator.username, made.credential_public_key, made.sign_count, shown, now
        )
        self._operators.store.save_passkey(passkey, self._change("passkey-added", operator))

    def remove(self, operator: Operator, credential_id: str) -> None:
        """Forget one passkey of an operator; nothing happens when there is none such."""
        self._operators.store.remove_passkeys(
            operator.username, credential_id, self._change("passkey-removed", operator)
        )

    def begin_login(self) -> Ceremony:
        """What the browser needs to use one of anybody: the passkey tells whose it is."""
        options = generate_authentication_options(
            rp_id=self._rp_id, user_verification=UserVerificationRequirement.REQUIRED
        )
        return Ceremony(options_to_json(options), bytes_to_base64url(options.challenge))

    def log_in(self, credential_id: str, answer: str, challenge: str) -> Operator:
        """Whose passkey signed the challenge. Raises ``OperatorRefused``, also for somebody who is disabled."""
        passkey = self._operators.store.passkey(credential_id)
        operator = None if passkey is None else self._operators.store.find(passkey.operator)
        if passkey is None or operator is None or operator.disabled_at is not None:
            raise OperatorRefused("passkey_refused", "passkey")
        try:
            used = verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise OperatorRefused("passkey_refused", "passkey") from error
        self._operators.store.used_passkey(credential_id, used.new_sign_count, self._clock())
        return operator

    def _change(self, what: str, operator: Operator) -> Change:
        return Change(self._clock(), operator.username, what, f"operator:{operator.username}")
