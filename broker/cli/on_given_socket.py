"""gunicorn on a socket that the parent process opened: ``python -m broker.cli.on_given_socket`` with its arguments.

The number of the socket is in ``MAKELAAR_SOCKET``. gunicorn is told of it as systemd would tell it
(sd_listen_fds(3)), so that it neither closes the door for others when it ends, nor removes the file of a Unix socket.
"""

import os
import sys
from typing import Final

VARIABLE: Final = "MAKELAAR_SOCKET"
_FIRST: Final = 3
"""Where systemd puts the first socket."""


def main() -> None:
    """Take over the socket and become gunicorn."""
    given = int(os.environ.pop(VARIABLE))
    os.dup2(given, _FIRST, inheritable=True)
    if given != _FIRST:
        os.close(given)
    os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), "1"
    from gunicorn.app.wsgiapp import run

    sys.exit(run())


if __name__ == "__main__":
    main()
