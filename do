#!/usr/bin/env bash
# Everything one does with hebb's source tree. `./do help` lists the commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# -------------------------------------------------------------------------------------------------------- the commands

# Each command: its name and one line of help. The function do_NAME carries it out.
commands=(
  "deps:    install the Debian packages that hebb is built with (as root or with sudo)"
  "build:   configure and build the library and the program build/release/hebb"
  "demo:    build, then train a convolutional network on the embedded digits [arguments of 'hebb demo']"
  "test:    build everything and run all tests [arguments of ctest, such as -R base or -L unit]"
  "bench:   time hebb, with --peers other frameworks too [arguments of bench/run.py]"
  "lint:    check the sources [format arrows headers shell cppcheck tidy; 'quick' is all but tidy; default: all]"
  "format:  lay out the sources with clang-format"
  "asan:    build with AddressSanitizer and UndefinedBehaviorSanitizer and run the tests [arguments of ctest]"
  "tsan:    build with ThreadSanitizer and run the tests [arguments of ctest]"
  "docs:    write the reference of the public headers to build/docs/html (doxygen)"
  "help:    this list"
)

packages_build=(g++ cmake ninja-build ccache mold pkg-config libdnnl-dev libhwy-dev libhdf5-dev libzip-dev libdeflate-dev zlib1g-dev
  nlohmann-json3-dev libcli11-dev libcairo2-dev libpng-dev libjpeg-dev
  libprotobuf-dev protobuf-compiler libcurl4-openssl-dev libgtest-dev libbenchmark-dev)
packages_lint=(clang-format clang-tidy cppcheck shellcheck)
packages_docs=(doxygen)
packages_test=(python3 valgrind)
packages_bench=(python3 python3-venv)

do_deps() { need_packages "${packages_build[@]}"; }

do_build() {
  do_deps
  configure release
  compile release hebb hebb_cli
  echo "built: build/release/hebb"
}

do_demo() {
  do_build
  exec build/release/hebb demo "$@"
}

do_test() {
  need_packages "${packages_build[@]}" "${packages_test[@]}"
  configure release
  compile release
  run_tests release "$@"
}

do_bench() {
  do_deps
  need_packages "${packages_bench[@]}"
  configure release -DHEBB_BUILD_BENCHMARKS=ON
  compile release hebb hebb_cli benchmarks
  exec python3 bench/run.py "$@"
}

do_asan() { sanitize asan "$@"; }
do_tsan() { sanitize tsan "$@"; }

do_docs() {
  need_packages "${packages_docs[@]}"
  mkdir -p build/docs
  doxygen tools/Doxyfile
  echo "written: build/docs/html/index.html"
}

do_format() {
  need_packages clang-format
  our_sources | xargs -0 -n 16 -P "$(jobs_at_once)" clang-format -i
}

do_help() {
  echo "usage: ./do COMMAND [ARGUMENT...]"
  echo
  printf '  %s\n' "${commands[@]/:/ }"
  echo
  echo "To begin with: ./do demo, then ./do test."
}

# ------------------------------------------------------------------------------------------------------------- lint

do_lint() {
  local all=(format arrows headers shell cppcheck tidy) wanted=() part failed=()
  for part in "${@:-all}"; do
    case $part in
      all) wanted+=("${all[@]}") ;;
      quick) wanted+=(format arrows headers shell cppcheck) ;;
      *)
        [[ " ${all[*]} " == *" $part "* ]] || wrong_word "part of lint" "$part" "${all[@]}" quick all
        wanted+=("$part")
        ;;
    esac
  done
  need_packages "${packages_lint[@]}"
  for part in "${wanted[@]}"; do
    echo "== lint $part"
    "lint_$part" || failed+=("$part")
  done
  if ((${#failed[@]})); then
    echo "lint: found something in: ${failed[*]}" >&2
    return 1
  fi
  echo "lint: clean (${wanted[*]})"
}

# A line for each place, without clang-format's picture of it.
lint_format() {
  local places
  places=$(our_sources | xargs -0 -n 16 -P "$(jobs_at_once)" clang-format --dry-run -Werror 2>&1 |
    sed -n 's/^\([^: ]*:[0-9]*\):[0-9]*: error: .*clang-format.*/\1: not as clang-format lays it out/p' | sort -u -t: -k1,1 -k2,2n)
  [[ -z $places ]] && return
  echo "$places"
  echo "./do format puts it right."
  return 1
}
lint_arrows() { tools/check_arrows; }
lint_headers() { tools/check_headers; }

lint_shell() {
  { printf '%s\0' ./do .ci/run && find tools tests -type f -print0; } | while IFS= read -r -d '' file; do
    case $(head -c 64 "$file" | head -n 1 | tr -d '\0') in
      '#!'*sh) printf '%s\0' "$file" ;;
    esac
  done | xargs -0 shellcheck
}

lint_cppcheck() {
  mkdir -p build/cppcheck
  cppcheck --quiet --error-exitcode=1 -j "$(jobs_at_once)" --cppcheck-build-dir=build/cppcheck --std=c++20 \
    --language=c++ --enable=warning,portability --inline-suppr \
    --suppressions-list=tools/cppcheck.suppressions --library=googletest -I . hebb cli examples
}

# clang-tidy runs as a part of compiling, in a build folder of its own: Ninja then knows what has changed since.
lint_tidy() {
  do_deps
  configure lint
  compile lint -k 0
}

# ------------------------------------------------------------------------------------------------------------- helpers

fail() {
  echo "do: $*" >&2
  exit 1
}

# The command line was wrong: says what is known, nearest first. wrong_word KIND WORD KNOWN...
wrong_word() {
  local kind=$1 word=$2 best='' least=99 distance name
  shift 2
  for name in "$@"; do
    distance=$(edit_distance "$word" "$name")
    if ((distance < least)); then least=$distance best=$name; fi
  done
  if ((least <= 2)); then
    echo "do: unknown $kind '$word'. Did you mean '$best'?" >&2
  else
    echo "do: unknown $kind '$word'. Known are: $*." >&2
  fi
  exit 2
}

# Levenshtein's distance.
edit_distance() {
  local a=$1 b=$2 i j change row=() last=()
  for ((j = 0; j <= ${#b}; j++)); do last[j]=$j; done
  for ((i = 1; i <= ${#a}; i++)); do
    row[0]=$i
    for ((j = 1; j <= ${#b}; j++)); do
      change=1
      [[ ${a:i-1:1} == "${b:j-1:1}" ]] && change=0
      row[j]=$((last[j - 1] + change))
      ((last[j] + 1 < row[j])) && row[j]=$((last[j] + 1))
      ((row[j - 1] + 1 < row[j])) && row[j]=$((row[j - 1] + 1))
    done
    last=("${row[@]}")
  done
  echo "${last[${#b}]}"
}

# Installs what is missing of the packages named; asks nothing and does nothing when all are there.
need_packages() {
  local name missing=() become=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "do: not a Debian system; going on in the hope that these are here: $*" >&2
    return
  fi
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "to install ${missing[*]}: run ./do deps as root, or install sudo"
    become=(sudo)
  fi
  echo "installing: ${missing[*]}"
  "${become[@]}" apt-get -qq -o DPkg::Lock::Timeout=300 update
  "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends "${missing[@]}"
}

# Compilers at work at once: one for each processor, as long as there is a GiB of memory for each.
jobs_at_once() {
  local jobs memory
  jobs=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo 2>/dev/null || true)
  if [[ $memory ]] && ((memory < jobs)); then jobs=$((memory > 1 ? memory : 1)); fi
  echo "${CMAKE_BUILD_PARALLEL_LEVEL:-$jobs}"
}

# configure PRESET [CMAKE ARGUMENT...]; nothing to do when it was done before, since Ninja sees changes of CMake's files.
configure() {
  local preset=$1 made=build/$1/build.ninja
  shift
  if [[ ! -e $made || CMakePresets.json -nt $made || $# -gt 0 ]]; then cmake --preset "$preset" "$@"; fi
}

# compile PRESET [TARGET... | NINJA OPTION...]
compile() {
  local preset=$1
  shift
  ninja -C "build/$preset" -j "$(jobs_at_once)" "$@"
}

# run_tests PRESET [CTEST ARGUMENT...]: the last thing printed is ctest's summary.
run_tests() {
  local preset=$1
  shift
  ctest --test-dir "build/$preset" --output-on-failure --parallel "${CTEST_PARALLEL_LEVEL:-$(jobs_at_once)}" "$@"
}

# Sanitizers are for code that runs in this process: the tests that check the sources or build other programs are
# left to ./do test, and so are the examples, which would train for a quarter of an hour.
sanitize() {
  local preset=$1
  shift
  do_deps
  configure "$preset"
  compile "$preset"
  run_tests "$preset" --label-exclude '^(sources|package|examples|instructions)$' "$@"
}

# What clang-format lays out: our C++, all of it.
our_sources() {
  find hebb cli examples tests bench tools -type f \( -name '*.h' -o -name '*.cpp' \) -print0 | sort -z
}

# ---------------------------------------------------------------------------------------------------------------- main

main() {
  local command=${1:-help} names=("${commands[@]%%:*}")
  shift || true
  case $command in -h | --help) command=help ;; esac
  [[ " ${names[*]} " == *" $command "* ]] || wrong_word command "$command" "${names[@]}"
  case ${1:-} in
    -h | --help)
      if [[ $command != demo ]]; then
        printf './do %s\n' "$(printf '%s\n' "${commands[@]/:/ }" | grep "^$command ")"
        return
      fi
      ;;
  esac
  "do_$command" "$@"
}

main "$@"
