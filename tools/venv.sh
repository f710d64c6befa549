#!/usr/bin/env bash
# Brings .venv in line with a lock: `tools/venv.sh runtime` or `tools/venv.sh dev`. Silent and immediate when it is.
#
# The stamp holds what the environment was made from, by content: a switch of branches and back installs nothing,
# and a copied or moved work tree, whose scripts still name the old place, is seen.
set -euo pipefail
cd "$(dirname "$0")/.."

lock=${1:?"runtime or dev"}
venv=.venv
python=$venv/bin/python
# Whoever has these set for other work would otherwise install something else than the lock says.
unset PIP_REQUIRE_VIRTUALENV PIP_TARGET PIP_USER PIP_CONSTRAINT PIP_NO_BINARY PYTHONHOME PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK=1

made_from() {
    pwd -P
    sha256sum "requirements/$1.lock" pyproject.toml
}

is_current() {
    [ -x "$venv/bin/makelaar" ] && [ "$(cat "$venv/.made-from-$1" 2>/dev/null)" = "$(made_from "$1")" ] &&
        "$python" -c '' 2>/dev/null
}

is_current "$lock" && exit 0

moved() {
    local stamp
    for stamp in "$venv"/.made-from-*; do
        [ -e "$stamp" ] && [ "$(head -n 1 "$stamp")" != "$(pwd -P)" ] && return 0
    done
    return 1
}

if moved || ! "$python" -m pip --version >/dev/null 2>&1; then
    base=$(tools/find-python.sh)
    if ! "$base" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        tools/system-packages.sh venv
    fi
    echo "Making $venv with $("$base" --version) ..."
    "$base" -m venv --clear "$venv"
fi

echo "Installing $(grep -c '^[a-z].*==' "requirements/$lock.lock") pinned packages into $venv (once; takes a minute) ..."
rm -f "$venv"/.made-from-*
# The lock is complete, so pip need not resolve; -qq leaves its errors, not its chatter. It would compile with one core;
# of a file that is no Python for this version, which some packages hold, it would say nothing either.
"$python" -m pip install -qq --no-compile --require-hashes --no-deps -r "requirements/$lock.lock"
"$python" -m compileall -qq -j 0 "$venv/lib" || true
"$python" -m pip install -qq --no-deps --no-build-isolation --editable .

made_from "$lock" >"$venv/.made-from-$lock"
if [ "$lock" = dev ]; then
    # The dev lock is the runtime lock and more, version for version.
    made_from runtime >"$venv/.made-from-runtime"
fi
