# train: what it writes, where it says what, and what it refuses.
source "$(dirname "$0")/_lib.sh"

# Progress goes to standard error, plain where that is no terminal.
run 0 train mlp --data moons --epochs 3 --out m.keras --history h.json
is_empty out
is_plain err
has err 'Epoch 3/3'
has err 'accuracy: '
exists m.keras
tr -d ' \n' <h.json >h.line && echo >>h.line
is_json h.line
has h.json '"loss"'
has h.json '"accuracy"'

# The history as CSV, with validation; a header and a line for each epoch.
run 0 train mlp --data moons --epochs 2 --validation-split 0.2 --history h.csv
lines h.csv 3
head -1 h.csv >header
echo 'epoch,accuracy,loss,val_accuracy,val_loss' | cmp -s - header || fail 'the header of the history'
has err 'val_loss: '
run 0 train mlp --data moons --epochs 1 --validation circles --quiet --history v.csv
has v.csv val_accuracy

# Silence, and JSON: one object for each epoch.
run 0 train mlp --data moons --quiet
is_empty out
is_empty err
run 0 train mlp --data moons --epochs 3 --json
is_empty err
is_json out
lines out 3
has out '"epoch": 3'

# A picture.
run 0 train mlp --data moons --epochs 2 --quiet --report r.png
[[ $(head -c 8 r.png | od -An -tx1 | tr -d ' \n') == 89504e470d0a1a0a ]] || fail 'r.png is no PNG'
run 0 train mlp --data moons --epochs 2 --quiet --report r.svg
has r.svg '<svg'

# The seed rules every random choice.
for file in a b; do run 0 train mlp --data moons --epochs 2 --seed 5 --quiet --history $file.csv; done
same a.csv b.csv
run 0 train mlp --data moons --epochs 2 --seed 6 --quiet --history c.csv
! cmp -s a.csv c.csv || fail 'another seed gives the same'
run 0 train mlp --data moons --epochs 2 --seed 5 --no-shuffle --quiet --history d.csv
! cmp -s a.csv d.csv || fail 'unshuffled is the same as shuffled'
run 0 train mlp --data moons --epochs 2 --seed 5 --quiet --history e.csv --threads 1
same a.csv e.csv

# Optimizer, loss, metrics and callbacks with options.
run 0 train mlp:units=30-20 --data moons --epochs 30 --optimizer sgd:learning_rate=0.1,momentum=0.9,nesterov=true \
  --loss sparse_categorical_crossentropy --metrics accuracy,sparse_top_k_categorical_accuracy --validation-split 0.1 \
  --callback early_stopping:monitor=val_loss,patience=1,min_delta=1,verbose=1 --callback csv_logger:filename=log.csv \
  --callback model_checkpoint:filepath=best-{epoch:02d}.keras,save_best_only=true --batch-size 100
has err 'Epoch 2: early stopping'
lines log.csv 3
has err 'sparse_top_k_categorical_accuracy: '
exists best-01.keras

# Options that are lists: in brackets, or one word.
for layers in dense_1 '[dense_1,nothing]' '[dense_1]' '[]'; do
  run 0 train mlp --data moons --quiet --optimizer "muon:exclude_layers=$layers,momentum=0.9" --history "$layers.csv"
done
same dense_1.csv '[dense_1,nothing].csv'
same dense_1.csv '[dense_1].csv'
! cmp -s dense_1.csv '[].csv' || fail 'a layer that is excluded trains as the others'

# A loss that fits, and said, where nobody named one.
cat >net.json <<'JSON'
{"class_name": "Sequential", "config": {"name": "net", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "in"}},
  {"class_name": "Dense", "config": {"units": 2, "activation": "softmax", "name": "out"}}]}}
JSON
run 0 train net.json --data moons --out net.keras
has err 'loss: sparse_categorical_crossentropy, chosen'
has err 'accuracy: '
run 0 train net.json --data moons --quiet
is_empty err

# Files of data.
cat >points.csv <<'CSV'
x,kind,y
1,0,2
2,1,3
3,0,4
4,1,5
CSV
run 0 train mlp --data points.csv --target kind --quiet --out points.keras
run 0 evaluate points.keras --data points.csv --target kind
has out 'accuracy: '
run 2 train mlp --data points.csv --target kidn
is_error
has err "Did you mean 'kind'?"

# Divergence.
run 1 train mlp --data moons --epochs 2 --optimizer sgd:learning_rate=1e30 --callback terminate_on_nan
has err 'Invalid loss, terminating training'
has err 'training diverged'
has_not err 'Epoch 2/2'

# A command line that is wrong: 2, the nearest right name, and nothing done.
wrong() { # TEXT ARGUMENT...
  local text=$1
  shift
  run 2 train "$@" --out wrong.keras
  is_error
  has err "$text"
  missing wrong.keras
}
wrong "Did you mean 'mlp'?" mpl --data moons
wrong "Did you mean 'moons'?" mlp --data mons
wrong "Did you mean '--epochs'?" mlp --data moons --epoch 2
wrong "Did you mean 'adam'?" mlp --data moons --optimizer adamm
wrong "Did you mean 'learning_rate'?" mlp --data moons --optimizer adam:learning_rat=1
wrong "option=value" mlp --data moons --optimizer adam:0.1
wrong "Did you mean 'mse'?" mlp --data moons --loss mseee
wrong "Did you mean 'accuracy'?" mlp --data moons --metrics acuracy
wrong "Did you mean 'early_stopping'?" mlp --data moons --callback early_stoping
wrong "Did you mean 'patience'?" mlp --data moons --callback early_stopping:patiense=2
wrong "Did you mean 'units'?" mlp:unit=3 --data moons
wrong "Did you mean 'cpu'?" mlp --data moons --device gpu
wrong '--epochs' mlp --data moons --epochs 0
wrong '--epochs' mlp --data moons --epochs many
wrong '--validation-split' mlp --data moons --validation-split 1
wrong 'threads' mlp --data moons --threads 0
wrong '--data is required' mlp
run 2 train mlp --data moons --out m.kera && is_error && has err '.keras'
run 2 train mlp --data moons --history h.txt && is_error && has err '.json'
run 2 train mlp --data moons --report r.gif && is_error && has err '.png'

# A run that fails: 1.
run 1 train missing.keras --data moons
is_error
has err "missing.keras"
run 1 train mlp --data missing.csv
is_error
has err 'missing.csv'
mkdir -p empty
run 1 train mlp --data ./empty
is_error
has err 'IDX'
run 1 train mlp --data moons --device cuda
is_error
run 1 train mlp --data moons --quiet --out no/such/folder/m.keras
is_error
has err 'no/such/folder'
printf '1,2\n3,x\n4,5,6\n' >broken.csv
run 1 train mlp --data broken.csv
is_error
has err 'line'
head -c 700 m.keras >cut.keras
run 1 train cut.keras --data moons
is_error
has err 'cut.keras'
printf '{"class_name": "Nope", "config": {}}' >unknown.json
run 1 train unknown.json --data moons
is_error
has err 'unknown.json'

# An older file stays whole when a run fails.
cp m.keras kept.keras
run 1 train missing.keras --data moons --out kept.keras
same m.keras kept.keras

finish
