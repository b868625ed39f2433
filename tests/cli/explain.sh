# explain: one step of learning of a small network as text, JSON and a page.
source "$(dirname "$0")/_lib.sh"

cat >small.json <<'EOF'
{"class_name": "Sequential", "config": {"name": "small", "layers": [
 {"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "i"}},
 {"class_name": "Dense", "config": {"name": "a", "units": 3, "activation": "sigmoid"}},
 {"class_name": "Dense", "config": {"name": "b", "units": 1, "activation": "sigmoid"}}]}}
EOF

run 0 explain small.json --sample 1,0 --target 1 --loss mse --seed 1
has out 'z^2_1 = w^2_11 a^1_1 + w^2_12 a^1_2 + b^2_1 = '
has out 'delta^3_1 = (dE/da_1) f'"'"'(z^3_1) = '
has out 'dE/dw^2_32 = delta^2_3 a^1_2 = '
has out 'error E with the new weights = '
has err 'its weights are random'
cp out first
run 0 explain small.json --sample 1,0 --target 1 --loss mse --seed 1
same out first
run 0 explain small.json --sample 1,0 --target 1 --loss mse --seed 1 --json
is_json out
lines out 1
for key in w b z a delta dE_dw dE_db w_after; do has out "\"$key\": "; done
run 0 explain small.json --sample 1,0 --target 1 --out step.html
is_empty out
has err 'Loss: '
has step.html '<svg'

# A trained file with its own loss, a sample of the data; a built-in architecture, made for the sample.
run 0 train small.json --data xor --epochs 2 --loss binary_crossentropy --out small.keras --quiet
run 0 explain small.keras --data xor --sample 2
has out 'loss binary_crossentropy'
has out ', target t = ('
run 0 explain mlp:units=3 --data xor --sample 1 --seed 4
has out 'softmax(z^3)_1'

run 1 explain mlp:units=20 --data xor --sample 0
is_empty out
has err 'at most 12 neurons'
# A model of images gets an image, and the error says what shows them.
run 1 explain mnist-cnn --data digits --sample 0
is_empty out
has err "got layer 'conv2d' (Conv2D)"
has err 'hebb plot activations mnist-cnn --data digits --example 0'
run 1 explain small.json --sample 1,0,1 --target 1
is_empty out
has err 'one sample of 2 numbers'
run 2 explain small.json --sample 1,0
is_error
has err '--target'
run 2 explain small.json --sample 1,zero --target 1
is_error
run 2 explain small.json --data xor --sample 100000
is_error
has err 'from 0 to '
run 2 explain small.json --sample 1,0 --target 1 --loss msee
is_error
run 2 explain small.json --sample 1,0 --target 1 --out step.pdf
is_error
run 0 explain --help
has out 'Example: hebb explain'

finish
