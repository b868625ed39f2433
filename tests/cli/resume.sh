# --resume goes on as if never interrupted; Ctrl-C saves and ends with 130.
source "$(dirname "$0")/_lib.sh"

cat >net.json <<'JSON'
{"class_name": "Sequential", "config": {"name": "net", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "in"}},
  {"class_name": "Dense", "config": {"units": 24, "activation": "relu", "name": "hidden"}},
  {"class_name": "Dropout", "config": {"rate": 0.3, "name": "drop"}},
  {"class_name": "Dense", "config": {"units": 2, "activation": "softmax", "name": "out"}}]}}
JSON
printf '0.1,0.2\n-1,3\n0.5,-0.5\n' >points.csv

predictions() { run 0 predict "$1" --input points.csv --output "$2"; }

for optimizer in adam adadelta; do
  options=(--data moons --optimizer "$optimizer" --seed 3 --quiet)
  run 0 train net.json "${options[@]}" --epochs 5 --out whole.keras
  run 0 train net.json "${options[@]}" --epochs 2 --out part.keras
  run 0 train net.json --data moons --seed 3 --epochs 5 --resume part.keras --out resumed.keras --history h.csv
  lines h.csv 4 # a header, epochs 2, 3 and 4
  has err 'Epoch 3/5'
  has_not err 'Epoch 2/5'
  predictions whole.keras whole.csv
  predictions resumed.keras resumed.csv
  same whole.csv resumed.csv
done

# Nothing is left to do.
run 0 train net.json --data moons --epochs 5 --resume whole.keras --out again.keras
has err 'already'
predictions again.keras again.csv
same whole.csv again.csv
run 1 train net.json --data moons --epochs 5 --resume missing.keras
is_error

# The checkpoint is one of MODEL: the file itself, or one of the same layers and shapes.
run 0 train part.keras --data moons --epochs 3 --resume part.keras --quiet
run 0 train whole.keras --data moons --epochs 3 --resume part.keras --quiet
run 0 train mlp --data moons --quiet --out mlp.keras
run 0 train mlp --data moons --epochs 2 --resume mlp.keras --quiet
run 2 train mlp --data moons --epochs 5 --resume part.keras --out never.keras
is_error
has err 'part.keras'
has err 'Dense (None, 50)'
has err 'Dense (None, 24)'
missing never.keras
run 2 train mlp.keras --data moons --epochs 5 --resume part.keras
is_error
run 2 train mlp:units=50-50 --data moons --epochs 5 --resume mlp.keras
is_error
run 2 train mpl --data moons --epochs 5 --resume mlp.keras
is_error
has err "Did you mean 'mlp'?"
run 1 train missing.keras --data moons --epochs 5 --resume part.keras
is_error

# Ctrl-C finishes the step, saves, and tells so; going on from there ends where an uninterrupted run does.
options=(--data moons --optimizer adam --seed 3)
"$hebb" train net.json "${options[@]}" --epochs 100000000 --out interrupted.keras --history i.json 2>err >out &
process=$!
for ((wait = 0; wait < 300; ++wait)); do
  grep -q 'Epoch 3/' err && break
  sleep 0.1
done
kill -INT "$process"
status=0
wait "$process" || status=$?
((status == 130)) || fail "an interrupted training ended with $status instead of 130"
is_empty out
has err 'interrupted; saved to interrupted.keras'
exists interrupted.keras
exists i.json
epochs=$(grep -c '^Epoch' err)
((epochs = epochs + 1))
run 0 train net.json "${options[@]}" --epochs "$epochs" --quiet --out whole.keras
run 0 train net.json --data moons --seed 3 --epochs "$epochs" --quiet --resume interrupted.keras --out resumed.keras
predictions whole.keras whole.csv
predictions resumed.keras resumed.csv
same whole.csv resumed.csv

finish
