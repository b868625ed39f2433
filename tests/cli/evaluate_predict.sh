# evaluate, predict, summary and convert.
source "$(dirname "$0")/_lib.sh"

run 0 train mlp --data moons --epochs 5 --quiet --out m.keras

# Loss and metrics on standard output, as text or one object.
run 0 evaluate m.keras --data moons
is_empty err
lines out 2
grep -qE '^accuracy: 0\.[0-9]{4}$' out || fail 'the accuracy'
grep -qE '^loss: [0-9]\.[0-9]{4}$' out || fail 'the loss'
run 0 evaluate m.keras --data moons --json
is_empty err
is_json out
lines out 1
cp out by_256.json
run 0 evaluate m.keras --data moons --json --threads 1
same out by_256.json
run 1 evaluate m.keras --data digits
is_error
has err '(None, 2)'
run 1 evaluate missing.keras --data moons
is_error
run 2 evaluate m.keras
is_error
has err '--data is required'
run 2 evaluate m.keras --data mooons
is_error
has err "Did you mean 'moons'?"

# Predictions from and to every kind of file; a header is no row.
printf '0.1,0.2\n-1,3\n0.5,-0.5\n' >x.csv
run 0 predict m.keras --input x.csv --output -
is_empty err
lines out 3
cp out expected.csv
"$hebb" predict m.keras --input - --output - <x.csv >piped.csv
same piped.csv expected.csv
run 0 predict m.keras --input x.csv --output y.csv
is_empty out
same y.csv expected.csv
printf 'a,b\n' | cat - x.csv >headed.csv
run 0 predict m.keras --input headed.csv --output headed_y.csv
same headed_y.csv expected.csv
run 0 predict m.keras --input x.csv --output y.npy
[[ $(head -c 6 y.npy | od -An -tx1 | tr -d ' \n') == 934e554d5059 ]] || fail 'y.npy is no NumPy array'
run 0 predict m.keras --input x.csv --output y.npz
[[ $(head -c 2 y.npz) == PK ]] || fail 'y.npz is no archive'
run 0 predict m.keras --input x.csv --output y.json
is_json y.json
# What is no number is written, and told.
printf 'nan,1\n0.5,-0.5\n' >nan.csv
run 0 predict m.keras --input nan.csv --output nan.npy
is_empty out
has err 'hebb: warning: of 4 predicted values 2 are no numbers (NaN). Where the input has none, the weights may: hebb verify m.keras tells.'
# What predict wrote it reads: two columns in, two columns out.
run 0 predict m.keras --input y.npy --output from_npy.csv
run 0 predict m.keras --input y.csv --output from_csv.csv
same from_npy.csv from_csv.csv

run 2 predict m.keras --input x.csv --output y.txt
is_error
missing y.txt
run 2 predict m.keras --input x.doc --output y.csv
is_error
run 1 predict m.keras --input nothing.csv --output y2.csv
is_error
missing y2.csv
printf '1,2,3\n' >wide.csv
run 1 predict m.keras --input wide.csv --output y2.csv
is_error
has err '(None, 2)'
printf '1,2\n3,three\n' >words.csv
run 1 predict m.keras --input words.csv --output y2.csv
is_error
has err 'line 2'
printf '1,2\n3\n' >ragged.csv
run 1 predict m.keras --input ragged.csv --output y2.csv
is_error
: >empty.csv
run 1 predict m.keras --input empty.csv --output y2.csv
is_error
head -c 60 y.npy >cut.npy
run 1 predict m.keras --input cut.npy --output y2.csv
is_error
has err 'cut.npy'

# Summaries.
run 0 summary m.keras
is_empty err
has out 'Total params'
run 0 summary m.keras --json
is_json out
lines out 1
has out '"total_params": 252'
run 0 summary mnist-cnn
has out 'conv2d'
run 2 summary mnist-cn
is_error
has err "Did you mean 'mnist-cnn'?"

# From format to format, and what they predict stays.
run 0 convert m.keras m.h5
run 0 convert m.h5 again.keras
run 0 convert m.keras architecture.json
for file in m.h5 again.keras; do
  run 0 predict $file --input x.csv --output converted.csv
  same converted.csv expected.csv
  run 0 evaluate $file --data moons --json
  same out by_256.json
done
run 0 summary architecture.json
run 0 train architecture.json --data moons --quiet
run 1 convert m.keras m.doc
is_error
has err '.keras'

# Whatever a file holds, an error is one message.
for bytes in 0 1 4 30 100 1000 5000; do
  head -c "$bytes" m.keras >cut.keras
  run 1 evaluate cut.keras --data moons
  is_error
  head -c "$bytes" m.h5 >cut.h5
  run 1 summary cut.h5
  is_error
done
printf 'no archive at all' >text.keras
run 1 summary text.keras
is_error
printf '{"class_name": ' >broken.json
run 1 summary broken.json
is_error
has err 'broken.json'
printf '[]' >list.json
run 1 summary list.json
is_error
has err 'list.json'
# Names may hold what a terminal would obey.
cat >escape.json <<'JSON'
{"class_name": "Sequential", "config": {"name": "net\u001b[2J", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "in"}},
  {"class_name": "Dense", "config": {"units": 2, "name": "out\u001b]0;x\u0007"}}]}}
JSON
run 0 summary escape.json
is_plain out
has out 'out\x1b]0;x\x07 (Dense)'
run 1 train escape.json --data digits
is_error
is_plain err
mkdir -p folder.keras
run 1 summary folder.keras
is_error

# A layer may give several outputs: each has a name of its own in the archive.
cat >states.json <<'JSON'
{"class_name": "Functional", "config": {"name": "m", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 2, 1], "name": "x"}, "name": "x", "inbound_nodes": []},
  {"class_name": "GRU", "config": {"name": "gru", "trainable": true, "units": 3, "return_state": true}, "name": "gru",
   "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}], "kwargs": {}}]}],
  "input_layers": ["x", 0, 0], "output_layers": [["gru", 0, 0], ["gru", 0, 1]]}}
JSON
printf '1,2\n3,4\n' >steps.csv
run 0 predict states.json --input steps.csv --output states.npz
grep -qa 'gru_1.npy' states.npz || fail 'expected the second output in states.npz'

finish
