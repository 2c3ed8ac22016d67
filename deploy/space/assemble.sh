#!/bin/sh
# Puts a Hugging Face Space together in a new folder: assemble.sh FOLDER. Push that folder to the Space's repository.
set -eu
cd "$(dirname "$0")/../.."
mkdir "$1"
sed -n 's/^!//p' .dockerignore | while read -r name; do
  mkdir -p "$1/$(dirname "$name")"
  cp -R "$name" "$1/$name"
done
cp Dockerfile .dockerignore .gitattributes "$1"
cp deploy/space/README.md "$1/README.md"
find "$1" -name __pycache__ -prune -exec rm -rf {} +
