# search and ensemble.
source "$(dirname "$0")/_lib.sh"

# Every combination once, the best first, whatever the number of workers; the best model is saved.
arguments=(search mlp --data moons --set units=4,12 --set learning_rate=0.1,0.01 --epochs 2 --seed 3)
run 0 "${arguments[@]}" --workers 1 --out one.keras --table one.csv
lines out 5
is_plain err
has err 'training 4: val_accuracy '
run 0 "${arguments[@]}" --workers 3 --out two.keras --table two.csv --json
is_json out
lines out 4
without_times() { awk -F, '{ $5 = ""; print }' "$1"; }
without_times one.csv >one.txt
without_times two.csv >two.txt
same one.txt two.txt
run 0 evaluate one.keras --data moons
mv out first
run 0 evaluate two.keras --data moons
same first out

# What a file of results holds is not done again; one of another search is refused.
run 0 "${arguments[@]}" --results kept.json
run 0 "${arguments[@]}" --results kept.json --set activation=tanh
has err 'training 4: '
run 0 "${arguments[@]}" --results kept.json
has_not err 'training 1: '
lines out 9
run 1 "${arguments[@]}" --results kept.json --batch-size 64
is_error
has err 'kept.json'

# Drawn from ranges; halving trains few for long.
run 0 search mlp --data moons --strategy random --trials 3 --set units=2..9 --set learning_rate=1e-3..1 --json
lines out 3
run 0 search mlp --data moons --strategy halving --trials 4 --factor 2 --set units=2..40 --epochs 4 --json
lines out 7
head -1 out >best
has best '"epochs": 4'

# A setting that does not go together is a row, if others do.
run 0 search mlp --data moons --set activation=relu,rleu
has out "Did you mean 'relu'?"

# What is wrong is said before anything is trained.
for wrong in '--set unit=5' '--set units' '--set units=3..1' '--set units=2..9' '--monitor val_acuracy --set units=3' \
  '--strategy evolution --set units=3' '--strategy random --set units=3'; do
  read -ra words <<<"$wrong"
  run 2 search mlp --data moons "${words[@]}"
  is_error
done
run 2 search mlp --data moons
is_error

# Models that answer together.
for seed in 1 2 3; do run 0 train mlp:units=4 --data moons --epochs 1 --seed $seed --out "m$seed.keras" --quiet; done
run 0 ensemble m1.keras m2.keras m3.keras --out together.keras
run 0 evaluate together.keras --data moons
has out 'accuracy: '
run 0 ensemble m1.keras m2.keras --how vote --out vote.keras --json
is_json out

run 2 ensemble m1.keras --out alone.keras
is_error
run 2 ensemble m1.keras m2.keras --how dictate --out no.keras
is_error
run 1 ensemble m1.keras nothing.keras --out no.keras
is_error
missing no.keras

# Optimizers of the whole set by name; they have nothing to resume.
run 0 train mlp:units=4 --data moons --optimizer lbfgs:history=5 --epochs 5 --json --out newton.keras
has out '"evaluations"'
run 2 train mlp:units=4 --data moons --optimizer lbfgs --epochs 9 --resume newton.keras
is_error
has err 'newton.keras'
run 2 train mlp:units=4 --data moons --optimizer lbfgs:histroy=5
is_error

finish
