# hebb verify: what it says of good files, damaged ones and such as it cannot read.
source "$(dirname "$0")/_lib.sh"

run 0 train mlp:units=8 --data moons --epochs 1 --seed 1 --quiet --out m.keras
run 0 verify m.keras
has out 'm.keras'
has out 'written by Keras'
has out 'Dense'
has out 'compiled with SGD, '
has out 'computes what it computed'
has out 'no problems'
is_empty err
run 0 verify m.keras --json
is_json out
lines out 1
has out '"problems": []'
has out '"warnings": []'
run 0 convert m.keras m.h5
run 0 verify m.h5
has out 'no problems'
run 0 convert m.keras m.json
run 0 verify m.json
has out 'without weights'

head -c 2000 m.keras >cut.keras
run 1 verify cut.keras
has out '1 problem'
cat >strange.json <<'END'
{"class_name": "Sequential", "config": {"name": "s", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "in"}},
  {"class_name": "Lambda", "config": {"name": "code"}},
  {"class_name": "Dence", "config": {"name": "odd", "units": 3}}]}}
END
run 1 verify strange.json
has out 'layers/code'
has out "Did you mean 'Dense'?"
has out '2 problems'

# What to do is said for a command line, not for a program.
LC_ALL=C sed 's/"class_name": "SGD"/"class_name": "SGB"/' m.h5 >untrainable.h5
run 1 verify untrainable.h5
has out "unknown optimizer 'SGB'"
has out 'Train it anew: hebb train --optimizer NAME --loss NAME.'
has_not out '.compile'
run 0 convert untrainable.h5 trainable.keras
has err 'Train it anew: hebb train --optimizer NAME --loss NAME.'
has_not err '.compile'
run 1 train untrainable.h5 --data moons --epochs 1 --quiet --out trained.keras
has err 'Train it anew: hebb train --optimizer NAME --loss NAME.'
has_not err '.compile'
run 0 train untrainable.h5 --optimizer sgd --data moons --epochs 1 --quiet --out trained.keras

run 1 verify missing.keras
is_error
run 1 verify text.txt
is_error

finish
