"""Who stands behind a command."""

import getpass
import os

from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole


def cli_actor() -> Actor:
    """The user of this command line, who may do everything: whoever reaches the database could do so anyway."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        user = str(os.getuid())
    return Actor(f"cli:{user}", OperatorRole.APPROVER)
