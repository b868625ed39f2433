#!/usr/bin/env bash
# The bench suite's scripts, on made-up figures.   bench.sh SOURCE
set -euo pipefail

PYTHONDONTWRITEBYTECODE=1 python3 "$1/bench/bench_test.py"
