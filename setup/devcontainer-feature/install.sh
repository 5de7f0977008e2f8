#!/bin/sh
# Run by the devcontainer's build as root, with the options as variables.
set -eu

place="${LOCKGUARD_PLACE:-/usr/local/share/lockguard}"
links="${LOCKGUARD_LINKS:-/usr/local/bin}"

python3 -m venv "$place"
"$place/bin/pip" install --quiet --no-cache-dir "${PACKAGE:-poetry-lockguard}" "poetry${POETRY:+==$POETRY}"
for program in poetry lockguard; do
    ln -sf "$place/bin/$program" "$links/$program"
done
