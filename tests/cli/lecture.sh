# The lectures' experiments: the list, single pages, and what is said of wrong names.
source "$(dirname "$0")/_lib.sh"

run 0 lecture
is_plain out
cp out list
has list 'perceptron '
run 0 lecture --json
is_json out
has out '"mnist-table": '

# Every experiment's source has a row.
for source in "$HEBB_SOURCE_DIR"/examples/lectures/*.cpp; do
  name=$(basename "$source" .cpp)
  case $name in page | site | table) continue ;; esac
  has list "${name//_/-} "
done

# Those that take a second each: pages with their figures and their program.
for name in perceptron moons; do
  run 0 lecture $name --out site --trainings 1
  is_plain out
  cp out $name
  exists site/$name.html
  has site/$name.html '(Page&amp; page)'
  grep -o '<img src="[^"]*"' site/$name.html | cut -d'"' -f2 >figures
  exists figures
  while read -r figure; do
    exists "site/$figure"
    exists "site/${figure%.svg}.png"
  done <figures
done
grep -qE '^ *XOR +no ' perceptron || fail "the perceptron should not learn XOR"

run 2 lecture percepton
is_error
has err "Did you mean 'perceptron'?"
run 2 lecture moons --trainings 0
is_error

finish
