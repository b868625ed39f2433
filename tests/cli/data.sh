# Files of data: what is learned from them, and what is said of those that nothing can be learned from.
source "$(dirname "$0")/_lib.sh"

# What numpy.savez_compressed wrote.
archive() { base64 -d >"$1"; }
# x float32(6, 2), y one-hot float32(6, 3)
archive onehot.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQCgDXMT//////////8FABQAeC5ucHkBABAAsAAAAAAAAABUAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHQ2GDggiTkAAFBLAwQtAAAACAAAACEAXJUtj///////////
BQAUAHkubnB5AQAQAMgAAAAAAAAAUQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFq
QC+RpmOgrGmjoKtQpkAy4GhgZ7BhSAjU9YDQBQSwECLQMtAAAACAAAACEAoA1zE1QAAACwAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwEC
LQMtAAAACAAAACEAXJUtj1EAAADIAAAABQAAAAAAAAAAAAAAgAGLAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAAEwEAAAAA
BASE64
# x float32(6, 2), y float32(6, 2)
archive real.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQCgDXMT//////////8FABQAeC5ucHkBABAAsAAAAAAAAABUAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHQ2GDggiTkAAFBLAwQtAAAACAAAACEAjkbnBP//////////
BQAUAHkubnB5AQAQALAAAAAAAAAAVwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFq
QC+RpmOgpGmjoKtQpkAy4GBgZ7BoYGGLZDsOHAAUnMAQBQSwECLQMtAAAACAAAACEAoA1zE1QAAACwAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5u
cHlQSwECLQMtAAAACAAAACEAjkbnBFcAAACwAAAABQAAAAAAAAAAAAAAgAGLAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAAGQEAAAAA
BASE64
# x float32(6, 2), y int64(6, 2) of 0 and 1
archive flags.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQCgDXMT//////////8FABQAeC5ucHkBABAAsAAAAAAAAABUAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHQ2GDggiTkAAFBLAwQtAAAACAAAACEAud4y9///////////
BQAUAHkubnB5AQAQAOAAAAAAAAAAUQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFq
QC+RpmOgpGmjoKtQpkAy5GBgiA0eiAkDgh/QBQSwECLQMtAAAACAAAACEAoA1zE1QAAACwAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwEC
LQMtAAAACAAAACEAud4y91EAAADgAAAABQAAAAAAAAAAAAAAgAGLAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAAEwEAAAAA
BASE64
# x of 6 examples, y of 5
archive lengths.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQCgDXMT//////////8FABQAeC5ucHkBABAAsAAAAAAAAABUAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHQ2GDggiTkAAFBLAwQtAAAACAAAACEAy3edqf//////////
BQAUAHkubnB5AQAQAKgAAAAAAAAAUQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFq
QC+RqmOpo6CrUKFAAuBihghNJMUJoZSrNAaQBQSwECLQMtAAAACAAAACEAoA1zE1QAAACwAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwEC
LQMtAAAACAAAACEAy3edqVEAAACoAAAABQAAAAAAAAAAAAAAgAGLAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAAEwEAAAAA
BASE64
# no examples
archive none.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQA2RWf4//////////8FABQAeC5ucHkBABAAgAAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GgY6CkaaOgq1CmQDLgBQSwMELQAAAAgAAAAhAMCVZ8j//////////wUAFAB5Lm5weQEAEACA
AAAAAAAAAEQAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaBjqaOgq1ChQALg
BQSwECLQMtAAAACAAAACEANkVn+EYAAACAAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAwJVnyEQAAACAAAAABQAA
AAAAAAAAAAAAgAF9AAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAA+AAAAAAA
BASE64
# x float32(6, 0)
archive narrow.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQAPTRqk//////////8FABQAeC5ucHkBABAAgAAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CgaaOgq1CmQDLgBQSwMELQAAAAgAAAAhABcts4v//////////wUAFAB5Lm5weQEAEACw
AAAAAAAAAEwAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaZjqaOgq1ChQALg
YoYGRABbj4AFBLAQItAy0AAAAIAAAAIQAPTRqkRgAAAIAAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAIAAAAIQAXLbOLTAAA
ALAAAAAFAAAAAAAAAAAAAACAAX0AAAB5Lm5weVBLBQYAAAAAAgACAGYAAAAAAQAAAAA=
BASE64
# x[3, 1] is NaN, y int64(6,)
archive nan.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQDnZqOl//////////8FABQAeC5ucHkBABAAsAAAAAAAAABWAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHT2gXog4YAk5gAAUEsDBC0AAAAIAAAAIQAXLbOL////////
//8FABQAeS5ucHkBABAAsAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZy
QWpAL5GmY6mjoKtQoUAC4GKGBkQAW4+ABQSwECLQMtAAAACAAAACEA52ajpVYAAACwAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMt
AAAACAAAACEAFy2zi0wAAACwAAAABQAAAAAAAAAAAAAAgAGNAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAAEAEAAAAA
BASE64
# a label 2^40
archive big.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQCgDXMT//////////8FABQAeC5ucHkBABAAsAAAAAAAAABUAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHQ2GDggiTkAAFBLAwQtAAAACAAAACEAVjY/5f//////////
BQAUAHkubnB5AQAQALAAAAAAAAAATwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFq
QC+RpmOpo6CrUKFAAuBihgZEACjGh8JHkAUEsBAi0DLQAAAAgAAAAhAKANcxNUAAAAsAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0D
LQAAAAgAAAAhAFY2P+VPAAAAsAAAAAUAAAAAAAAAAAAAAIABiwAAAHkubnB5UEsFBgAAAAACAAIAZgAAABEBAAAAAA==
BASE64
# labels -1 and 1
archive negative.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQCgDXMT//////////8FABQAeC5ucHkBABAAsAAAAAAAAABUAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHQ2GDggiTkAAFBLAwQtAAAACAAAACEA4FcL9P//////////
BQAUAHkubnB5AQAQALAAAAAAAAAATAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFq
QC+RpmOpo6CrUKFACu/1DAyAABhPgAUEsBAi0DLQAAAAgAAAAhAKANcxNUAAAAsAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAA
AAgAAAAhAOBXC/RMAAAAsAAAAAUAAAAAAAAAAAAAAIABiwAAAHkubnB5UEsFBgAAAAACAAIAZgAAAA4BAAAAAA==
BASE64
# sample_weight float64(6, 2)
archive weights.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQCgDXMT//////////8FABQAeC5ucHkBABAAsAAAAAAAAABUAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHQ2GDggiTkAAFBLAwQtAAAACAAAACEAFy2zi///////////
BQAUAHkubnB5AQAQALAAAAAAAAAATAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFq
QC+RpmOpo6CrUKFAAuBihgZEAFuPgAUEsDBC0AAAAIAAAAIQB7Q0eF//////////8RABQAc2FtcGxlX3dlaWdodC5ucHkBABAA4AAAAAAAAABN
AAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYw+GBPKx
oAUEsBAi0DLQAAAAgAAAAhAKANcxNUAAAAsAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAgAAAAhABcts4tMAAAAsAAAAAUA
AAAAAAAAAAAAAIABiwAAAHkubnB5UEsBAi0DLQAAAAgAAAAhAHtDR4VNAAAA4AAAABEAAAAAAAAAAAAAAIABDgEAAHNhbXBsZV93ZWlnaHQubn
B5UEsFBgAAAAADAAMApQAAAJ4BAAAAAA==
BASE64
# x float32(6, 3, 2), y float32(6, 3, 1), sample_weight float32(6, 3)
archive steps.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQAKfc7r//////////8FABQAeC5ucHkBABAAEAEAAAAAAAC9AAAAAAAAAJ3MMQ4BQRgF4NEoRKfSTWVIpjIiIexMtdUSiSi2Ym
NnohArs6IRiQPoVLMHcAEXcIDZA7iAC7iA5wpe9d73J/9tupjM4go5khNLdb62bEjZyPQYp8xk9mCT3TKzqf55mGxzDc83yV5jt/ucCk67HU7P9L/U
CFJ6Py59FBTOBegBSBauKYUQEi6NMZKQC/oV7rDvuD1gT5iHvWBv2AdGlDFVVfq6EqKh8EcRQmEtGIcJ2ACmYCEsgs1hMWylvlBLAwQtAAAACAAAAC
EAMbk66P//////////BQAUAHkubnB5AQAQAMgAAAAAAAAATAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3
S8wpTgWKF2ckFqQC+RpmOgrGOgqGmjoKtQrkAS4GKgEAUEsDBC0AAAAIAAAAIQAtyj08//////////8RABQAc2FtcGxlX3dlaWdodC5ucHkBABAAyA
AAAAAAAABVAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CsaaOgq1CmQDLgYw
aLAHEg5ADKQP2JMjBgBQSwECLQMtAAAACAAAACEACn3O670AAAAQAQAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAMbk66E
wAAADIAAAABQAAAAAAAAAAAAAAgAH0AAAAeS5ucHlQSwECLQMtAAAACAAAACEALco9PFUAAADIAAAAEQAAAAAAAAAAAAAAgAF3AQAAc2FtcGxlX3dl
aWdodC5ucHlQSwUGAAAAAAMAAwClAAAADwIAAAAA
BASE64
# arrays a and b
archive renamed.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQCgDXMT//////////8FABQAYS5ucHkBABAAsAAAAAAAAABUAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6CkaaOgq1CmQDLgYwaLCHYHQ2GDggiTkAAFBLAwQtAAAACAAAACEAFy2zi///////////
BQAUAGIubnB5AQAQALAAAAAAAAAATAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFq
QC+RpmOpo6CrUKFAAuBihgZEAFuPgAUEsBAi0DLQAAAAgAAAAhAKANcxNUAAAAsAAAAAUAAAAAAAAAAAAAAIABAAAAAGEubnB5UEsBAi0DLQAA
AAgAAAAhABcts4tMAAAAsAAAAAUAAAAAAAAAAAAAAIABiwAAAGIubnB5UEsFBgAAAAACAAIAZgAAAA4BAAAAAA==
BASE64

# The last layer and the loss follow from the targets.
run 0 train mlp --data onehot.npz --out m.keras
has err 'Dense(3, softmax) and learns with the loss categorical_crossentropy'
run 0 evaluate m.keras --data onehot.npz
has out 'accuracy: '
run 0 train logistic --data real.npz --out m.keras --report r.svg
has err 'Dense(2) and learns with the loss mse'
run 0 evaluate m.keras --data real.npz
has_not out accuracy
run 0 train mlp --data flags.npz
has err 'Dense(2, sigmoid) and learns with the loss binary_crossentropy'
has err 'binary_accuracy: '
for model in mlp logistic; do
  run 0 train $model --data onehot.npz --quiet
  is_empty err
done

printf 'area,price\n1,310.5\n2,402.25\n3,499\n4,610\n' >prices.csv
run 0 train mlp --data prices.csv --epochs 2 --out p.keras
has err 'real numbers'
has err 'loss mse'
run 0 summary p.keras --json
has out '"output_shape": [null, 1]'
printf 'area,price\n1,310000\n2,402000\n3,499000\n4,610000\n' >whole.csv
run 1 train mlp --data whole.csv
is_error
has err 'more classes than the 4 examples'
has err 'whole.csv'
has err 'loss mse'
run 0 train mlp --data whole.csv --loss mse --out w.keras
has err 'for the loss mse it ends in Dense(1)'
# Going on needs no word about the loss.
run 0 train mlp --data whole.csv --epochs 2 --resume w.keras --quiet
printf '1,2,0\n2,1,1\n0,1,0\n3,3,1\n' >binary.csv
run 0 train mlp --data binary.csv --out b.keras
has err accuracy
run 0 summary b.keras --json
has out '"output_shape": [null, 2]'
run 0 train mlp --data binary.csv --loss binary_crossentropy
has err 'for the loss binary_crossentropy it ends in Dense(1, sigmoid)'
run 1 train mlp --data binary.csv --loss categorical_crossentropy
has_not err 'the targets are one-hot'
has err 'use sparse_categorical_crossentropy'

# Targets that are none.
refused() { # FILE TEXT...
  local file=$1
  shift
  run 1 train mlp --data "$file" --out never.keras
  is_error
  has err "$file"
  for text in "$@"; do has err "$text"; done
  missing never.keras
}
refused big.npz 'more classes than the 6 examples'
refused negative.npz 'class numbers from 0 on, got -1'
printf '1,2,0\n2,1,\n3,3,1\n' >unlabelled.csv
refused unlabelled.csv 'row 2 is missing'
printf '1,2,0\n2,1,1e300\n' >infinite.csv
refused infinite.csv 'row 2 is infinite, or too large'

# Weights for each step, with the losses that Keras comes to.
cat >steps.json <<'JSON'
{"class_name": "Sequential", "config": {"name": "steps", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 3, 2], "name": "in"}},
  {"class_name": "Dense", "config": {"name": "s", "units": 1, "use_bias": false,
    "kernel_initializer": {"class_name": "Ones", "config": {}}}}]}}
JSON
run 0 train steps.json --data steps.npz --batch-size 2 --epochs 3 --no-shuffle --loss mse --out m.keras --history h.json \
  --optimizer sgd:learning_rate=0.01,momentum=0.5
has h.json 14.5471
has h.json 0.42493
has h.json 0.10998
run 0 evaluate m.keras --data steps.npz --batch-size 4
has out 'loss: 0.0616'

# Shapes that do not fit.
refused lengths.npz "'x'" "'y'" 'int64(5,)'
refused none.npz 'at least one example'
refused narrow.npz 'at least one number for each example'
refused weights.npz 'sample_weight'
refused renamed.npz "expected an array 'x'" 'found a, b'
printf 'a,b,c\n' >header.csv
refused header.csv 'a header (a, b, c) alone'
run 1 predict b.keras --input header.csv --output never.csv
is_error
has err header.csv

# NaN is the data's, not the optimizer's.
run 1 train mlp --data nan.npz --epochs 5 --out never.keras --history h.json
has err "nan.npz: array 'x', example 3"
has_not err 'Epoch 2/5'
missing never.keras
tr -d ' \n' <h.json >h.line && echo >>h.line
is_json h.line
has h.line '"loss":[null]'
printf 'age,height,kind\n1,2,0\n2,,1\n3,3,1\n' >gap.csv
run 1 train mlp --data gap.csv
has err "gap.csv: column 'height', row 2: not a number"
has_not err 'learning rate'
run 0 evaluate b.keras --data gap.csv
has err "column 'height', row 2"
run 0 predict b.keras --input nan.npz --output p.json
is_json p.json
has p.json null

# Models that are not trained say so.
run 0 evaluate mlp --data binary.csv
has err 'weights are random'
run 0 train mlp --data binary.csv --quiet --out a.keras
run 0 convert a.keras a.json
run 1 evaluate a.json --data binary.csv
is_error
has err 'an architecture has neither weights nor a loss'
run 0 predict a.json --input nan.npz --output -
has err 'weights are random'

# A loss that is no number has no sign.
run 0 evaluate b.keras --data gap.csv
has out 'loss: nan'

# Before anything is shown: what only the layers know does not fit.
cat >open.json <<'JSON'
{"class_name": "Sequential", "config": {"name": "open", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, null, null, 1], "name": "in"}},
  {"class_name": "Conv2D", "config": {"filters": 2, "kernel_size": [3, 3], "name": "conv"}},
  {"class_name": "Flatten", "config": {"name": "flat"}}]}}
JSON
run 1 train open.json --data moons
is_error
has_not err Epoch

# Arrays are named after the model's layers, the same way for learning and for predicting.
cat >two.json <<'JSON'
{"class_name":"Functional","config":{"name":"f","layers":[
{"class_name":"InputLayer","name":"left","config":{"batch_shape":[null,3],"name":"left"},"inbound_nodes":[]},
{"class_name":"InputLayer","name":"right","config":{"batch_shape":[null,2],"name":"right"},"inbound_nodes":[]},
{"class_name":"Concatenate","name":"both","config":{"name":"both"},"inbound_nodes":[{"args":[[{"class_name":"__keras_tensor__","config":{"shape":[null,3],"dtype":"float32","keras_history":["left",0,0]}},{"class_name":"__keras_tensor__","config":{"shape":[null,2],"dtype":"float32","keras_history":["right",0,0]}}]],"kwargs":{}}]},
{"class_name":"Dense","name":"out","config":{"units":2,"activation":"softmax","name":"out"},"inbound_nodes":[{"args":[{"class_name":"__keras_tensor__","config":{"shape":[null,5],"dtype":"float32","keras_history":["both",0,0]}}],"kwargs":{}}]}],
"input_layers":[["left",0,0],["right",0,0]],"output_layers":[["out",0,0]]}}
JSON
# left float32(4, 3), right float32(4, 2), out int64(4,)
archive named.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQBVGwi///////////8IABQAbGVmdC5ucHkBABAAsAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZq
Kuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6CsaaOgq1CmQDLgaGBntSMABQSwMELQAAAAgAAAAhAJS5pAf//////////wkAFABy
aWdodC5ucHkBABAAoAAAAAAAAABJAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpA
L5GiY6CkaaOgq1CmQDLgYCAABQSwMELQAAAAgAAAAhAN3hXxT//////////wcAFABvdXQubnB5AQAQAKAAAAAAAAAATAAAAAAAAACb7BfqGxDJ
yFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RomOpo6CrUKFAAuBihgZEAFMD4AUEsBAi0DLQAAAAgAAA
AhAFUbCL9MAAAAsAAAAAgAAAAAAAAAAAAAAIABAAAAAGxlZnQubnB5UEsBAi0DLQAAAAgAAAAhAJS5pAdJAAAAoAAAAAkAAAAAAAAAAAAAAIAB
hgAAAHJpZ2h0Lm5weVBLAQItAy0AAAAIAAAAIQDd4V8UTAAAAKAAAAAHAAAAAAAAAAAAAACAAQoBAABvdXQubnB5UEsFBgAAAAADAAMAogAAAI
8BAAAAAA==
BASE64
# left float32(4, 3), y int64(4,)
archive short.npz <<'BASE64'
UEsDBC0AAAAIAAAAIQBVGwi///////////8IABQAbGVmdC5ucHkBABAAsAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZq
Kuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6CsaaOgq1CmQDLgaGBntSMABQSwMELQAAAAgAAAAhAN3hXxT//////////wUAFAB5
Lm5weQEAEACgAAAAAAAAAEwAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaJj
qaOgq1ChQALgYoYGRABTA+AFBLAQItAy0AAAAIAAAAIQBVGwi/TAAAALAAAAAIAAAAAAAAAAAAAACAAQAAAABsZWZ0Lm5weVBLAQItAy0AAAAI
AAAAIQDd4V8UTAAAAKAAAAAFAAAAAAAAAAAAAACAAYYAAAB5Lm5weVBLBQYAAAAAAgACAGkAAAAJAQAAAAA=
BASE64
run 0 train two.json --data named.npz --quiet --out two.keras
run 0 predict two.keras --input named.npz --output -
lines out 4
# What does not fit the model is said of the file.
cat >two_x.json <<'JSON'
{"class_name": "Sequential", "config": {"name": "net", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 5], "name": "in"}},
  {"class_name": "Dense", "config": {"units": 2, "name": "out"}}]}}
JSON
run 1 train two_x.json --data onehot.npz
is_error
has err 'onehot.npz: '
for arguments in 'train two.keras --data short.npz' 'predict two.keras --input short.npz --output -'; do
  # shellcheck disable=SC2086
  run 1 $arguments
  is_error
  has err "short.npz: expected an array 'right' (or 'x1')"
  has err 'found left, y'
done

finish
