# activations: the list, JSON, and the page that stands in docs/.
source "$(dirname "$0")/_lib.sh"
docs=${HEBB_SOURCE_DIR:?}/docs

run 0 activations
is_empty err
is_plain out
for name in relu gelu binary_step arctan sinusoid hard_swish PReLU SoftExponential PiecewiseLinear Maxout; do has out "$name "; done
cut -d' ' -f1 out >names
run 0 activations --json
is_json out
lines out 1
while read -r name; do has out "\"$name\": "; done <names
has out '"continuity": "C-infinity"'

# The page and its pictures are those of the table.
run 0 activations --out page
is_empty out
same page/activations.md "$docs/activations.md"
while read -r picture; do
  exists "page/$picture"
  exists "$docs/$picture"
done < <(grep -o 'images/activations/[A-Za-z0-9_]*\.svg' page/activations.md)
[[ $(find page/images/activations -type f | wc -l) -eq $(find "$docs/images/activations" -type f | wc -l) ]] ||
  fail "docs/images/activations has other pictures. Run: hebb activations --out docs"

: >file
run 1 activations --out file
is_error
run 0 activations --help
has out 'Example: hebb activations'

# Each name trains; what is not Keras's goes into a file and comes back.
for name in arctan sinc gaussian bent_identity; do
  cat >model.json <<EOF
{"class_name": "Sequential", "config": {"name": "s", "layers": [
 {"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "i"}},
 {"class_name": "Dense", "config": {"name": "a", "units": 8, "activation": "$name"}},
 {"class_name": "Maxout", "config": {"name": "m", "units": 4}},
 {"class_name": "Dense", "config": {"name": "b", "units": 2, "activation": "softmax"}}]}}
EOF
  run 0 train model.json --data moons --out "$name.keras" --quiet
  run 0 evaluate "$name.keras" --data moons
done

finish
