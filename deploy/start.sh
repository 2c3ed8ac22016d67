#!/bin/sh
# Starts the studio in a container. Signals reach it: the shell is replaced.
set -eu
cd "$(dirname "$0")"
# A Hugging Face Space says its name: there, strangers share the studio.
if [ -n "${SPACE_ID:-}" ]; then
  # shellcheck source=deploy/space/limits.sh
  . ./limits.sh
fi
# shellcheck source=deploy/address.sh
. ./address.sh
mkdir -p "${TMPDIR:-/tmp}"
exec python -m streamlit run app.py "$@"
