#!/usr/bin/env bash
# The script `do`: its help, and what it says to words it does not know.   do.sh SOURCE
set -euo pipefail
cd "$1"

expect() { # expect STATUS PATTERN COMMAND...
  local status=$1 pattern=$2 got=0 output
  shift 2
  output=$("$@" 2>&1) || got=$?
  if [[ $got != "$status" || ! $output =~ $pattern ]]; then
    printf '%s: expected status %s and a text like "%s", got status %s and:\n%s\n' "$*" "$status" "$pattern" "$got" "$output" >&2
    exit 1
  fi
}

for command in deps build demo test bench lint format asan tsan docs; do
  expect 0 "$command " ./do help
done
expect 0 "deps " ./do
expect 0 "deps " ./do --help
expect 0 "^./do test  " ./do test --help
expect 2 "unknown command 'biuld'. Did you mean 'build'\?" ./do biuld
expect 2 "unknown command 'something'. Known are: deps build" ./do something
expect 2 "unknown part of lint 'fromat'. Did you mean 'format'\?" ./do lint fromat
