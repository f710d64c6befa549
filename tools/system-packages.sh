#!/usr/bin/env bash
# Installs the Debian packages that the tests need (`tests`, the default) or that making .venv needs (`venv`).
# Only what is missing, and only as root; anyone else is told the command to run.
set -euo pipefail

missing=()
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
postgresql_server() { compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb; }
chromium_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

case ${1:-tests} in
venv)
    need python3-venv python3 -c 'import ensurepip, venv'
    ;;
tests)
    if grep -qx 'ID=debian' /etc/os-release; then
        need chromium-headless-shell command -v chromium-headless-shell # half of the work; other systems lack it
    else
        need chromium chromium_browser
    fi
    need fonts-liberation compgen -G '/usr/share/fonts/*/*' # without any font a page is all boxes
    need xmlsec1 command -v xmlsec1
    need postgresql postgresql_server
    need apache2-bin test -x /usr/sbin/apache2 # with mod_auth_mellon and SimpleSAMLphp: foreign dienstverleners
    need libapache2-mod-auth-mellon test -e /usr/lib/apache2/modules/mod_auth_mellon.so
    need nodejs command -v node # with node-saml, which tools/node.sh installs: a foreign dienstverlener too
    need npm command -v npm
    need simplesamlphp test -e /usr/share/simplesamlphp/lib/_autoload.php
    need php-cli command -v php
    need php-xml php -r 'exit((int) !class_exists("DOMDocument"));'
    need php-soap php -r 'exit((int) !class_exists("SoapClient"));' # SimpleSAMLphp resolves artifacts with it
    ;;
*)
    echo "usage: $0 [tests|venv]" >&2
    exit 2
    ;;
esac

[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "Missing on this machine: ${missing[*]} (names of the Debian packages)." >&2
    echo "Install them with this system's own package manager, then run the same command again." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Missing on this machine: ${missing[*]}. Run this once, then the same command again:" >&2
    echo "    sudo apt-get install --yes --no-install-recommends ${missing[*]}" >&2
    exit 1
fi

echo "Installing system packages: ${missing[*]} ..."
export DEBIAN_FRONTEND=noninteractive
export RUNLEVEL=1 # the tests start what they need themselves, so packages need not start anything now
apt-get update -qq
apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
