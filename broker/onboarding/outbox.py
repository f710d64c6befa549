"""Sending the mail that waits, by SMTP: at least once, and again later when it did not go."""

import smtplib
import ssl
from collections.abc import Callable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from typing import Protocol
from urllib.parse import unquote
from urllib.parse import urlsplit

import structlog

from broker.ports.work import Outbox
from broker.ports.work import OutgoingMail
from broker.settings import Settings

log = structlog.get_logger()

_SECONDS: Final = 20
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=6)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1"})


class Post(Protocol):
    """What takes mail along."""

    def send_message(self, msg: EmailMessage) -> object: ...

    def quit(self) -> object: ...


def can_send(settings: Settings) -> bool:
    """Whether the settings say by which server, from whom and to whom."""
    return bool(settings.smtp_url and settings.mail_from and settings.mail_to)


def send_due(
    outbox: Outbox, settings: Settings, now: datetime, connect: Callable[[str], Post] | None = None
) -> int:
    """Send what is due; how much that was. Without a server in the settings it stays where it is."""
    due = outbox.due(now) if can_send(settings) else ()
    if not due:
        return 0
    try:
        post = (connect or _connect)(settings.smtp_url or "")
    except (OSError, smtplib.SMTPException) as error:
        _put_off(outbox, due, now, error)
        return 0
    count = 0
    try:
        for each in due:
            try:
                post.send_message(_message(each, settings, now))
            except (OSError, smtplib.SMTPException) as error:
                _put_off(outbox, [each], now, error)
            else:
                outbox.sent(each.id, now)
                count += 1
    finally:
        _leave(post)
    return count


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed."""
    return min(_FIRST_PAUSE * int(2 ** min(attempts, 20)), _LONGEST_PAUSE)


def _put_off(outbox: Outbox, mails: Sequence[OutgoingMail], now: datetime, error: Exception) -> None:
    # The text of an error may hold an address or a password; its kind says enough.
    kind = type(error).__name__
    log.warning("mail_not_sent", error=kind, count=len(mails))
    for each in mails:
        outbox.failed(each.id, now + pause_after(each.attempts), kind)


def _message(each: OutgoingMail, settings: Settings, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(each.mail.subject.split())
    message["From"] = settings.mail_from
    message["To"] = each.mail.recipient or ", ".join(settings.mail_to)
    message["Date"] = format_datetime(now)
    # The same each time it is tried, so that a mailbox can tell that it had this one.
    message["Message-ID"] = f"<{each.id}@makelaar>"
    message.set_content(each.mail.body)
    return message


def _connect(url: str) -> Post:
    """A connection to ``smtp://`` or ``smtps://``; with TLS, but to this very machine."""
    parts = urlsplit(url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    if parts.scheme == "smtps":
        post: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_SECONDS, context=context)
    else:
        post = smtplib.SMTP(host, parts.port or 587, timeout=_SECONDS)
        if host not in _LOCAL:
            post.starttls(context=context)
    if parts.username:
        post.login(unquote(parts.username), unquote(parts.password or ""))
    return post


def _leave(post: Post) -> None:
    try:
        post.quit()
    except (OSError, smtplib.SMTPException):
        log.info("mail_server_left")
