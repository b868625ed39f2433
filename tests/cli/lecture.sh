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
# A slide holds each of them.
while read -r figure; do
  height=$(grep -o -m1 '<svg [^>]*' "site/$figure" | grep -o ' height="[0-9]*' | tr -dc 0-9)
  [[ $height -gt 0 && $height -le 720 ]] || fail "$figure is $height high, more than a slide"
done <figures
grep -ho 'href="[^"]*"' site/*.html | cut -d'"' -f2 | sort -u >links
while read -r link; do exists "site/$link"; done <links

# The map of topics names every experiment, and what it links is there.
map=$HEBB_SOURCE_DIR/docs/lectures.md
while read -r name; do has "$map" "[$name](../examples/lectures/${name//-/_}.cpp)"; done <names
grep -o '](\([^)]*\))' "$map" | sed 's/^](//; s/)$//' >links
while read -r link; do [[ -e $HEBB_SOURCE_DIR/docs/$link ]] || fail "docs/lectures.md: no $link"; done <links

# What does not depend on images and epochs is as the lectures have it.
grep -qE '^ *XOR +no ' all || fail "the perceptron should not learn XOR"
for gate in AND OR NAND; do
  # function, converged, epochs, corrections, bound
  grep -E "^ *$gate +yes " all | awk '{ exit !($4 > 0 && $4 <= $5) }' ||
    fail "the perceptron should learn $gate with fewer corrections than the theorem's bound"
done
for row in 'none +7850 +7850' '50 +39760 +39760' '200 +159010 +159010' '1000 +795010 +795010' '500-500 +648010 +648010'; do
  grep -qE "^ *$row " all || fail "mnist-table: no row '$row'"
done
grep -qE 'parameters, 2-40-2 +lecture 202 +here 202: equal' all || fail "approximation: the parameters of 2-40-2"
grep -qE 'parameters, 2-8-8-3-2 +lecture 131 +here 131: equal' all || fail "approximation: the parameters of 2-8-8-3-2"
has all 'early stopping after epoch'
# What Keras came to on MNIST stands beside what came out on MNIST alone.
if grep -q 'Images: the embedded' all; then has_not all 'Keras, same recipe'; else has all 'Keras, same recipe'; fi
# Every card of the index says two numbers, or that the lecture gives none.
while read -r name; do
  grep -F "href=\"$name.html\"" site/index.html | grep -qE 'lecture (<b>|\(none given\)).*here <b>' ||
    fail "index.html: no numbers on the card of $name"
done <names

# One alone links no pages that are not there.
run 0 lecture perceptron --out alone
grep -o 'href="[^"]*"' alone/perceptron.html | cut -d'"' -f2 >links || true
while read -r link; do exists "alone/$link"; done <links
has_not alone/perceptron.html 'trainings of each'

run 2 lecture percepton
is_error
has err "Did you mean 'perceptron'?"
missing lectures
mkdir -p no-images
run 1 lecture perceptron --data no-images
is_error
run 2 lecture moons --trainings 0
is_error
run 2 lecture moons --images 5
has err 'at least 50'

finish
