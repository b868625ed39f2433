#!/usr/bin/env bash
# Uses hebb from an outside project and runs what comes out.
#
#   run.sh installed SOURCE BUILD WORK [CMAKE ARGUMENT...]      the copy that `cmake --install BUILD` leaves
#   run.sh subdirectory SOURCE BUILD WORK [CMAKE ARGUMENT...]   the source tree, by add_subdirectory
#
# The subdirectory is compiled anew, with the options of BUILD: quick where ccache remembers them.
set -euo pipefail

way=$1 source=$2 build=$3 work=$4
shift 4

rm -rf "$work"
mkdir -p "$work/project"
cp "$source/tests/package/CMakeLists.txt" "$source/tests/package/main.cpp" "$work/project/"

arguments=(-G Ninja -S "$work/project" -B "$work/build" "$@")
if [[ $way == installed ]]; then
  cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
  # Moved, so that a path of the place it was made for would show.
  mv "$work/prefix" "$work/moved"
  arguments+=("-DCMAKE_PREFIX_PATH=$work/moved")
  for file in "$work"/moved/lib*/cmake/hebb/*.cmake "$work"/moved/lib*/*/cmake/hebb/*.cmake; do
    if [[ -e $file ]] && grep -n -e "$source" -e "$build" -e "$work/prefix" "$file"; then
      echo "$file names the place where hebb was built" >&2
      exit 1
    fi
  done
  if [[ -e $work/moved/bin/hebb ]]; then "$work/moved/bin/hebb" --version; fi
else
  arguments+=("-DHEBB_FOLDER=$source")
fi

cmake "${arguments[@]}"
cmake --build "$work/build"
cd "$work"
build/outside

if [[ $way == subdirectory ]]; then
  # A guest brings neither its tests nor its examples nor its program into the house.
  if grep -E '^build (test_|example_|hebb_cli)' build/build.ninja; then
    echo "add_subdirectory brought more than the library" >&2
    exit 1
  fi
fi
