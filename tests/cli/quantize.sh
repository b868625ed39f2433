# hebb convert --quantize: what it reports, and that all commands work on what it writes.
source "$(dirname "$0")/_lib.sh"

run 0 train mlp:units=64 --data digits --epochs 3 --seed 1 --quiet --out m.keras

run 0 convert m.keras q.keras --quantize int8 --calibrate digits
has out 'weight_bytes: '
has out 'file_bytes: '
has out 'accuracy: '
has out 'equal_decisions: '
is_empty err
run 0 convert m.keras q.keras --quantize int8 --calibrate digits --calibrate-samples 200 --json
is_json out
lines out 1
has out '"accuracy": {"before": '
run 0 convert m.keras plain.keras --quantize int8
has out 'weight_bytes: '
has_not out 'accuracy'
run 0 convert m.keras b.keras --quantize bfloat16 --calibrate digits

[[ $(stat -c %s q.keras) -lt $(stat -c %s m.keras) ]] || fail "q.keras is not smaller than m.keras"

for model in q plain b; do
  run 0 evaluate "$model.keras" --data digits
  has out 'accuracy: 0.'
  run 0 summary "$model.keras"
  run 0 convert "$model.keras" "copy_$model.keras"
  run 0 evaluate "$model.keras" --data digits --threads 1 --json
  mv out one
  run 0 evaluate "copy_$model.keras" --data digits --threads 2 --json
  same one out
  run 1 train "$model.keras" --data digits --epochs 1
  is_error
  has err 'the model is quantised, and cannot be trained. Train the model that it was made of'
done

run 1 convert q.keras again.keras --quantize int8
has err 'it is quantised already'
run 2 convert m.keras q.keras --quantize int4
has err "Did you mean 'int8'?"
run 2 convert m.keras q.h5 --quantize int8
has err 'expected OUT to end in .keras'
run 2 convert m.keras q.keras --calibrate digits
has err 'expected --quantize'
run 2 convert mnist-cnn q.keras --quantize int8
has err 'an architecture has no weights'
run 1 convert m.keras q.keras --quantize int8 --calibrate moons
is_error

finish
