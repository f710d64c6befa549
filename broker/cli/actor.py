"""Who sits at the command line, as the history shows it."""

import getpass

from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole


def command_line() -> Actor:
    """The user of this process. Whoever can read the keys may do everything."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container without such a user
        user = "?"
    return Actor(f"cli:{user}", OperatorRole.APPROVER)
