"""Which browser the tests and the photographs of the docs drive."""

import shutil

# The first is Chromium without what draws windows, tabs and an address bar: the same pages for half of the work.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def program() -> str:
    """Where the system's own Chromium is. Raises ``SystemExit`` that says how to get one."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise SystemExit("no Chromium on this machine; install it with: tools/system-packages.sh tests")
    return found
