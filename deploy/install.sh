#!/bin/sh
# Fills an image. The Dockerfiles run these steps, and so do the tests: the two cannot drift apart.
#   install.sh packages REQUIREMENTS PREFIX         an environment with the packages; without pip, which nothing needs later
#   install.sh program SOURCE PREFIX DATA MODELS    the program (a checkout or a wheel beside its pages), and its folders
set -eu

packages() {
  python3 -m venv --without-pip "$2"
  install_into "$2" --requirement "$1"
}

program() {
  wheel=$(find "$1" -maxdepth 1 -name '*.whl')
  install_into "$2" --no-deps --ignore-installed "${wheel:-$1}"
  mkdir -p "$2/studio" "$3" "$4"
  chmod g+w "$3" "$4"
  cp -R "$1/app.py" "$1/pages" "$1/.streamlit" "$2/studio"
  cp "$1/deploy/start.sh" "$1/deploy/address.sh" "$1/deploy/space/limits.sh" "$2/studio"
}

install_into() {
  prefix=$1
  shift
  python3 -m pip --python "$prefix/bin/python" install --quiet --no-cache-dir --disable-pip-version-check \
    --root-user-action=ignore "$@"
}

"$@"
