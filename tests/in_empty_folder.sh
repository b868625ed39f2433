#!/usr/bin/env bash
# Runs a command in a folder made anew: in_empty_folder.sh FOLDER COMMAND [ARGUMENT...]
set -euo pipefail
rm -rf "$1"
mkdir -p "$1"
cd "$1"
# What the program remembers of this machine stays in the folder too.
export HEBB_CACHE_DIR=$PWD/.cache
shift
exec "$@"
