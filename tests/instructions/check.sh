#!/usr/bin/env bash
# Counts the instructions of training steps and compares them with the committed figures. Unlike times, counts are the
# same on a busy machine and in every run, so that a few percent show.
#
#   check.sh STEPS_PROGRAM [--update]
#
# --update writes tests/instructions/figures.txt anew. Valgrind runs the program on a processor of its own, with AVX2
# and without AVX-512 and with caches of fixed sizes, whatever the machine is. Warm steps alone count: starting and
# making the plan depend on the clock (libraries measure it) and would be most of a short run.
set -euo pipefail

program=$1 mode=${2:-}
figures=$(dirname "${BASH_SOURCE[0]}")/figures.txt
steps=1 tolerance=3 # percent
skip=77

if ! command -v valgrind >/dev/null; then
  echo "no valgrind here, so nothing is counted: apt-get install valgrind"
  exit $skip
fi
if ! grep -qw avx2 /proc/cpuinfo; then
  echo "this processor has no AVX2, which the figures are for: nothing is counted"
  exit $skip
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One thread, nothing from the caller's environment that would change it.
unset HEBB_KERNELS HEBB_SKIP_PASSES HEBB_WINOGRAD
export HEBB_TUNE=off HEBB_THREADS=1 OMP_NUM_THREADS=1

# per_step WORKLOAD
per_step() {
  local out=$work/$1.log counted
  if ! valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no --toggle-collect=counted_steps \
    "$program" "$1" $steps >"$out" 2>&1; then
    echo "$1: valgrind or the program failed:" >&2
    tail -n 20 "$out" >&2
    return 1
  fi
  counted=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$out")
  if ((${counted:-0} == 0)); then
    echo "$1: expected valgrind to find the function counted_steps in $program, got no instructions." >&2
    return 1
  fi
  echo $((counted / steps))
}

# All at once: a simulated program uses one processor.
mapfile -t known < <(grep -v '^#' "$figures")
for line in "${known[@]}"; do
  name=${line%% *}
  per_step "$name" >"$work/$name" &
done
failed=0
for _ in "${known[@]}"; do wait -n || failed=1; done
((failed == 0)) || exit 1

for line in "${known[@]}"; do
  read -r name before <<<"$line"
  now=$(<"$work/$name")
  change=$(awk -v a="$before" -v b="$now" 'BEGIN { printf "%+.2f", 100 * (b - a) / a }')
  echo "$name: $now instructions a step, $before in figures.txt ($change %)"
  if awk -v c="$change" -v t=$tolerance 'BEGIN { exit !(c > t || c < -t) }'; then failed=1; fi
  if [[ $mode == --update ]]; then sed -i "s/^$name .*/$name $now/" "$figures"; fi
done
if [[ $mode == --update ]]; then
  echo "written: $figures"
elif ((failed)); then
  echo "More than $tolerance % away. If the change is worth it, or fewer are needed now, write the figures anew with"
  echo "    tests/instructions/check.sh $program --update"
  echo "and let the commit say why."
  exit 1
fi
