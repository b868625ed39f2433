# models, datasets, layers, optimizers, help and version.
source "$(dirname "$0")/_lib.sh"

for list in models datasets layers optimizers; do
  run 0 "$list"
  is_empty err
  is_plain out
  # A name and some words on every line.
  if grep -vqE '^[A-Za-z0-9-]+ +[^ ]' out; then fail "$list: a line without a description"; fi
  cut -d' ' -f1 out >names
  run 0 "$list" --json
  is_empty err
  is_json out
  lines out 1
  while read -r name; do has out "\"$name\": "; done <names
done
run 0 models && for name in logistic mlp mnist-cnn lenet5; do has out "$name"; done
run 0 datasets && for name in digits mnist moons circles blobs spirals xor; do has out "$name"; done
run 0 layers && for name in Dense Conv2D BatchNormalization Concatenate; do has out "$name"; done
run 0 optimizers && for name in SGD RMSprop Adagrad Adadelta Adam AdamW Nadam Adamax Adafactor Ftrl Lion Lamb Muon ScheduleFreeAdamW \
  LossScaleOptimizer MultiOptimizer LBFGS ConjugateGradient LevenbergMarquardt; do has out "$name"; done

# Every subcommand's help has an example.
for command in train evaluate predict summary convert verify search ensemble models datasets layers optimizers activations demo lecture explain; do
  run 0 "$command" --help
  has out "Example: hebb $command"
  is_empty err
done
run 0 --help
has out train
run 0 --version
lines out 1
grep -qE '^hebb [0-9]+\.[0-9]+\.[0-9]+$' out || fail 'the version'

# A command line that is wrong.
run 2
is_error
run 2 trian
is_error
has err "Did you mean 'train'?"
run 2 --versoin
is_error
run 2 models --jsno
is_error
has err "Did you mean '--json'?"
run 2 models extra
is_error

finish
