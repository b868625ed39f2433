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

# All of them, with few images and epochs: pages with their program and their figures.
run 0 lecture all --out site --images 300 --epochs 2 --trainings 1
is_plain out
cp out all
exists site/index.html
sed 's/ .*//' list >names
while read -r name; do
  exists "site/$name.html"
  has site/index.html "href=\"$name.html\""
  has "site/$name.html" '(Page&amp; page)'
done <names
grep -ho 'src="[^"]*"' site/*.html | cut -d'"' -f2 | sort -u >figures
exists figures
while read -r figure; do
  exists "site/$figure"
  exists "site/${figure%.svg}.png"
done <figures
grep -ho 'href="[^"]*"' site/*.html | cut -d'"' -f2 | sort -u >links
while read -r link; do exists "site/$link"; done <links

# The map of topics names every experiment, and what it links is there.
map=$HEBB_SOURCE_DIR/docs/lectures.md
while read -r name; do has "$map" "[$name](../examples/lectures/${name//-/_}.cpp)"; done <names
grep -o '](\([^)]*\))' "$map" | sed 's/^](//; s/)$//' >links
while read -r link; do [[ -e $HEBB_SOURCE_DIR/docs/$link ]] || fail "docs/lectures.md: no $link"; done <links

grep -qE '^ *XOR +no ' all || fail "the perceptron should not learn XOR"

run 2 lecture percepton
is_error
has err "Did you mean 'perceptron'?"
run 2 lecture moons --trainings 0
is_error

finish
