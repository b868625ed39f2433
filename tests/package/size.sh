#!/usr/bin/env bash
# The library, without what only linkers and debuggers read, stays small: size.sh LIBRARY LARGEST_BYTES WORK COMPILER
#
# A static library is linked as a whole first: more than half of an archive is notes for the linker.
set -euo pipefail

library=$1 largest=$2 work=$3 compiler=$4
mkdir -p "$work"
whole=$work/libhebb.so
if [[ $library == *.a ]]; then
  "$compiler" -shared -Wl,-z,pack-relative-relocs -o "$whole" -Wl,--whole-archive "$library" -Wl,--no-whole-archive
else
  cp -L "$library" "$whole"
fi
strip --strip-unneeded "$whole"
size=$(stat -c %s "$whole")
echo "$library: $size bytes stripped, at most $largest"
((size <= largest))
