# What the scripts share; read with `source`. Each runs as `bash SCRIPT PROGRAM` in an empty folder of its own.
set -euo pipefail

hebb=${1:?the program}
failures=0

# run STATUS ARGUMENT...: runs hebb; its standard output and error go to `out` and `err`.
run() {
  local expected=$1 status=0
  shift
  "$hebb" "$@" >out 2>err || status=$?
  if ((status != expected)); then
    fail "hebb $* ended with $status instead of $expected"
    sed 's/^/    /' out err >&2
  fi
  # Never a trace of the machinery underneath.
  if grep -qE 'terminate called|core dumped|Segmentation|std::|nlohmann' err; then fail "hebb $* shows its machinery"; fi
}

fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}

# has FILE TEXT: the text stands in the file. has_not: it does not.
has() { grep -qF -- "$2" "$1" || { fail "expected '$2' in $1:"; sed 's/^/    /' "$1" >&2; }; }
has_not() { ! grep -qF -- "$2" "$1" || { fail "did not expect '$2' in $1:"; sed 's/^/    /' "$1" >&2; }; }
is_empty() { [[ ! -s $1 ]] || { fail "expected nothing in $1:"; sed 's/^/    /' "$1" >&2; }; }
exists() { [[ -s $1 ]] || fail "expected a file $1"; }
missing() { [[ ! -e $1 ]] || fail "did not expect a file $1"; }
lines() { [[ $(wc -l <"$1") -eq $2 ]] || { fail "expected $2 lines in $1:"; sed 's/^/    /' "$1" >&2; }; }
same() { cmp -s "$1" "$2" || { fail "expected $1 and $2 to be the same:"; diff "$1" "$2" | head -10 >&2; }; }

# An error is one message, for people, and nothing is on standard output.
is_error() {
  is_empty out
  has err 'hebb: '
}

# is_json FILE: every line is one JSON value. Strings and numbers become single letters, then what is whole collapses.
is_json() {
  local wrong
  wrong=$(sed -E -e 's/"([^"\\]|\\.)*"/s/g' -e 's/(-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false|null)/v/g' \
    -e 's/[ \t]//g' -e ':again' -e 's/\[((v|s)(,(v|s))*)?\]/v/g' -e 's/\{(s:(v|s)(,s:(v|s))*)?\}/v/g' -e 't again' "$1" |
    grep -cvE '^(v|s)$' || true)
  [[ $wrong -eq 0 ]] || { fail "expected JSON in $1, one value a line:"; sed 's/^/    /' "$1" >&2; }
}

# No colour, no redrawing.
is_plain() {
  if grep -q $'\x1b' "$1" || grep -q $'\r' "$1" || grep -q $'\b' "$1"; then fail "$1 has control characters"; fi
}

finish() {
  if ((failures > 0)); then
    echo "$failures failed" >&2
    exit 1
  fi
}
