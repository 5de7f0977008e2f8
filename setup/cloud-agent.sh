#!/usr/bin/env bash
# Installs lockguard, and with it the project in this folder, on a fresh cloud
# machine: behind a proxy that opens TLS, behind a mirror, with or without Poetry.
# Safe to run again. Arguments are those of `lockguard install`.
#
#   LOCKGUARD_TOOLS    where it is installed (default: ~/.local/share/lockguard)
#   LOCKGUARD_LINKS    where the commands are found later (default: ~/.local/bin)
#   LOCKGUARD_PACKAGE  what pip installs (default: poetry-lockguard); a version of
#                      Poetry can be named beside it
set -euo pipefail

tools="${LOCKGUARD_TOOLS:-$HOME/.local/share/lockguard}"
links="${LOCKGUARD_LINKS:-$HOME/.local/bin}"
package="${LOCKGUARD_PACKAGE:-poetry-lockguard}"

# One file of certificate authorities for pip, Poetry and git.
authorities=""
for name in PIP_CERT CURL_CA_BUNDLE REQUESTS_CA_BUNDLE SSL_CERT_FILE CODEX_PROXY_CERT; do
    authorities="${!name:-$authorities}"
done
if [ -n "$authorities" ] && [ -f "$authorities" ]; then
    export PIP_CERT="${PIP_CERT:-$authorities}"
    export REQUESTS_CA_BUNDLE="${REQUESTS_CA_BUNDLE:-$authorities}"
    export GIT_SSL_CAINFO="${GIT_SSL_CAINFO:-$authorities}"
fi

if [ ! -x "$tools/bin/lockguard" ]; then
    python3 -m venv "$tools"
    # shellcheck disable=SC2086 # several words are several packages
    "$tools/bin/pip" install --quiet --retries 5 $package
fi

# The agent calls lockguard, and poetry unless the machine has its own, in later shells.
mkdir -p "$links"
ln -sf "$tools/bin/lockguard" "$links/lockguard"
[ -n "$(command -v poetry)" ] || ln -s "$tools/bin/poetry" "$links/poetry"
case ":$PATH:" in
*":$links:"*) ;;
*) echo "lockguard is installed in $links; add that folder to PATH" >&2 ;;
esac

export POETRY_VIRTUALENVS_IN_PROJECT="${POETRY_VIRTUALENVS_IN_PROJECT:-true}"
exec "$tools/bin/lockguard" install --no-interaction "$@"
