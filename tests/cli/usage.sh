# A command line that is wrong: 2, one message with the option, what was expected and what came.
source "$(dirname "$0")/_lib.sh"

wrong() { # TEXT ARGUMENT...
  local text=$1
  shift
  run 2 "$@"
  is_error
  has err "$text"
  has_not err 'Could not convert'
}

for option in --epochs --batch-size --threads; do
  for value in x 0 -1 1.5 1e3 99999999999999999999 '' '1 2'; do
    wrong "$option: expected a whole number from 1 to " train mlp --data moons "$option" "$value"
    has err "got '$value'."
  done
  wrong "$option: expected a value, got none." train mlp --data moons "$option"
  wrong "$option: expected it once" train mlp --data moons "$option" 1 "$option" 2
done
wrong "--seed: expected a whole number of at most 64 bits, got 'abc'." train mlp --data moons --seed abc
wrong "--seed: expected a whole number" train mlp --data moons --seed 99999999999999999999
wrong "--validation-split: expected a fraction from 0 to below 1, got 'half'." train mlp --data moons \
  --validation-split half
wrong "--validation-split: expected a fraction" train mlp --data moons --validation-split nan
wrong "--batch-size: expected a whole number" evaluate m.keras --data moons --batch-size 0
wrong "--threads: expected a whole number" predict m.keras --input x.csv --output - --threads foo

# An empty text is a variable of a script that was not set.
for option in --data --optimizer --loss --metrics --validation --target --out --resume --history --report --device; do
  wrong "$option: expected a value, got an empty text." train mlp --data moons "$option" ''
done
wrong 'MODEL: expected a value' train '' --data moons
wrong '--callback: expected NAME' train mlp --data moons --callback ''
wrong "--metrics: expected NAME,..., got 'accuracy,'." train mlp --data moons --metrics accuracy,

wrong "--optimizer: sgd: learning_rate: expected a number, got 'abc'. Write it as in sgd:learning_rate=0.01." \
  train mlp --data moons --optimizer sgd:learning_rate=abc
wrong "expected a regular expression, got 'd[2'" train mlp --data moons --optimizer 'muon:exclude_layers=d[2'
wrong "option 'momentum': expected a number" train mlp --data moons --optimizer sgd:momentum=abc
run 1 train mlp --data moons --loss dice:axis=5
has err 'hebb: dice: expected axes from -2 to 1, got 5 for predictions'
wrong "expected option 'momentum' once" train mlp --data moons --optimizer sgd:momentum=0,momentum=1
wrong "option 'patience': expected an integer" train mlp --data moons --callback early_stopping:patience=x
wrong 'expected one of them, got both' train mlp --data moons --validation moons --validation-split 0.1
wrong "--target: expected data in a .csv file" train mlp --data moons --target y

wrong "unknown option '--versoin'. Did you mean '--version'?" --versoin
wrong "unexpected argument 'extra'" models extra
wrong 'MODEL is required' train
wrong 'takes no value' train mlp --data moons --json=5

# Where the environment is wrong.
export HEBB_KERNELS=referense
run 2 models
is_error
has err "hebb: HEBB_KERNELS: unknown implementation 'referense'. Did you mean 'reference'?"
export HEBB_KERNELS=reference
run 0 train mlp --data moons --quiet
unset HEBB_KERNELS
export HEBB_THREADS=foo
run 2 models
is_error
has err "HEBB_THREADS: expected a whole number from 1 to 1024, got 'foo'."
unset HEBB_THREADS
export HEBB_WINOGRAD=foo
run 2 models
is_error
has err "HEBB_WINOGRAD: expected on, always or off, got 'foo'."
unset HEBB_WINOGRAD
usual_tuning=${HEBB_TUNE-}
export HEBB_TUNE=sometimes
run 2 models
is_error
has err "HEBB_TUNE: expected on, always or off, got 'sometimes'."
export HEBB_TUNE=$usual_tuning
export HEBB_SKIP_PASSES=fuse_sums,nonsense
run 2 models
is_error
has err "HEBB_SKIP_PASSES: unknown pass 'nonsense'."
export HEBB_SKIP_PASSES=fuse_sums,fuse_elementwise
run 0 train mlp --data moons --quiet
unset HEBB_SKIP_PASSES

finish
