#!/usr/bin/env bash
# tools/check_arrows on a small tree: finds what points the wrong way, and only that.   check_arrows.sh SOURCE
set -euo pipefail

check=$1/tools/check_arrows
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/hebb/{base,nn/layers,io,zoo,viz,odd} "$tree"/{cli,examples}
cd "$tree"

printf '%s\n' '#include "hebb/base/text.h"' '#include <vector>' '// #include "hebb/nn/model.h"' >hebb/base/good.cpp
printf '%s\n' '#include "hebb/base/text.h"' '#include "hebb/nn/layer.h"' >hebb/nn/layers/good.cpp
printf '%s\n' '#include "hebb/zoo/models.h"' '#include "hebb/io/file.h"' >hebb/base/good_test.cpp
printf '%s\n' '#include "hebb/zoo/models.h"' >hebb/base/good_testing.h
printf '%s\n' '#include <hebb/hebb.h>' >examples/good.cpp
printf '%s\n' '#include "cli/options.h"' '#include "hebb/hebb.h"' >cli/good.cpp
rm -r hebb/odd
"$check" "$tree"

mkdir hebb/odd
printf '%s\n' '// first' '#include "hebb/nn/model.h"' >hebb/base/up.cpp
printf '%s\n' '  #  include <hebb/zoo/x.h>' '#include "near.h"' '#include "../base/text.h"' >hebb/nn/layers/odd.h
printf '%s\n' '#include "hebb/zoo/x.h"' >hebb/viz/neighbour.cpp
printf '%s\n' '#include "hebb/hebb.h"' >hebb/io/all.cpp
printf '%s\n' '#include "hebb/backend/cpu/onednn/engine.h"' >examples/inside.cpp
printf '%s\n' '//' >hebb/odd/new.h
expected='examples/inside.cpp:1
hebb/base/up.cpp:2
hebb/io/all.cpp:1
hebb/nn/layers/odd.h:1
hebb/nn/layers/odd.h:2
hebb/nn/layers/odd.h:3
hebb/odd/new.h:1
hebb/viz/neighbour.cpp:1'
status=0
found=$("$check" "$tree" 2>/dev/null) || status=$?
found=$(cut -d: -f1,2 <<<"$found")
if [[ $status != 1 || $found != "$expected" ]]; then
  printf 'expected status 1 and:\n%s\ngot status %s and:\n%s\n' "$expected" "$status" "$found" >&2
  exit 1
fi
