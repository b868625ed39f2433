#!/usr/bin/env bash
# The library, stripped of what only linkers and debuggers read, stays small: size.sh LIBRARY LARGEST_BYTES WORK
set -euo pipefail

library=$1 largest=$2 work=$3
mkdir -p "$work"
copy=$work/$(basename "$library")
strip --strip-unneeded -o "$copy" "$library"
size=$(stat -c %s "$copy")
echo "$library: $size bytes stripped, at most $largest"
((size <= largest))
