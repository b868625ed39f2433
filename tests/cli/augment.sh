# train --augment: training examples changed at random, by layers named on the command line.
source "$(dirname "$0")/_lib.sh"

cat >small.json <<'END'
{"class_name": "Sequential", "config": {"name": "small", "layers": [
 {"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "i"}},
 {"class_name": "Dense", "config": {"name": "a", "units": 2, "activation": "softmax"}}]}}
END

# Steps in order, by Keras's names or in small letters; the seed rules them, and what is validated with stays as it is.
step='--augment gaussian_noise:stddev=0.3 --augment Dropout:rate=0.2'
for file in a b; do run 0 train mlp --data moons --epochs 2 --validation-split 0.2 --seed 3 --quiet --history $file.csv $step; done
same a.csv b.csv
run 0 train mlp --data moons --epochs 2 --validation-split 0.2 --seed 3 --quiet --history plain.csv
! cmp -s a.csv plain.csv || fail '--augment changes nothing'
run 0 train mlp --data moons --epochs 2 --validation-split 0.2 --seed 3 --quiet --history one.csv $step --threads 1
same a.csv one.csv
run 0 train small.json --data moons --epochs 1 --optimizer sgd:learning_rate=0 --seed 1 --validation-split 0.2 --quiet \
  --history still.csv $step
run 0 train small.json --data moons --epochs 1 --optimizer sgd:learning_rate=0 --seed 1 --validation-split 0.2 --quiet \
  --history moved.csv
[[ $(tail -1 still.csv | cut -d, -f4-) == "$(tail -1 moved.csv | cut -d, -f4-)" ]] || fail 'validation data was changed'

# Images, gray ones without a channel axis too; ranges; what the page says of it.
run 0 train logistic --data digits --epochs 1 --batch-size 1000 --quiet --run aug --augment random_zoom:height_factor=-0.2..0.1 \
  --augment RandomTranslation:height_factor=0.1,width_factor=0.1,fill_mode=constant
has aug/report.html 'random_zoom:height_factor=-0.2..0.1'

# Mixing makes rows of class numbers; what was learned from them is judged by class numbers.
run 0 train logistic --data digits --epochs 1 --batch-size 500 --validation-split 0.1 --augment mix_up:alpha=0.3 \
  --augment random_erasing:factor=0.5,scale=0.02..0.1 --out mixed.keras
has err 'the targets are one-hot rows'
has err 'val_accuracy: '
run 0 evaluate mixed.keras --data digits
has out 'accuracy: 0.'

# What is refused.
refused() { # STEP TEXT...
  run 2 train mlp --data digits --augment "$1"
  is_error
  has err '--augment: '
  has err "$2"
}
refused random_flop "Did you mean 'RandomFlip'?"
refused dense:units=3 'Known are: '
refused random_flip:mod=vertical "Did you mean 'mode'?"
refused random_flip:mode=sideways "unknown mode 'sideways'"
refused random_rotation:factor=2 'from -1 to 1'
refused random_rotation:factor=0.1..x 'LOW..HIGH'
refused random_hue:factor=0.1 'three channels'
run 2 train mlp --data moons --augment random_flip
is_error

finish
