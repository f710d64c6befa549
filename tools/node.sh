#!/usr/bin/env bash
# Brings tests/interop/node/node_modules in line with its lock. Silent and immediate when it is.
set -euo pipefail
cd "$(dirname "$0")/../tests/interop/node"

stamp=node_modules/.made-from
made_from() { sha256sum package.json package-lock.json; }

[ "$(cat "$stamp" 2>/dev/null)" = "$(made_from)" ] && exit 0

echo "Installing node-saml for the tests (once) ..."
# Nothing in it needs to be built, so nothing of it is run while it is installed.
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
made_from >"$stamp"
