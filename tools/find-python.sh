#!/usr/bin/env bash
# Prints the Python to make the virtual environment with, or says what is missing. PYTHON=... overrules the search.
set -euo pipefail

usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if usable "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done

{
    echo "Python 3.11 or newer is needed, and was not found (looked for: ${PYTHON:-python3.13, 3.12, 3.11, python3})."
    if command -v python3 >/dev/null; then
        echo "What there is: $(python3 --version 2>&1)."
    fi
    echo "Install it (Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv),"
    echo "or say where it is: PYTHON=/path/to/python3.12 make run"
} >&2
exit 1
