# Models that take texts: from CSV files, folders and NumPy files, trained, judged and used.
source "$(dirname "$0")/_lib.sh"

# Keras's to_json of Sequential([Input((1,), dtype="string", name="text"), TextVectorization(50,
# output_sequence_length=6), Embedding(50, 8), GlobalAveragePooling1D(), Dense(1, activation="sigmoid")]).
layer() { printf '{"module": "keras.layers", "class_name": "%s", "config": {%s}}' "$1" "$2"; }
{
  printf '{"module": "keras", "class_name": "Sequential", "config": {"name": "reviews", "layers": ['
  layer InputLayer '"batch_shape": [null, 1], "dtype": "string", "name": "text"'
  printf ', '
  layer TextVectorization '"name": "words", "max_tokens": 50, "output_sequence_length": 6'
  printf ', '
  layer Embedding '"input_dim": 50, "output_dim": 8'
  printf ', '
  layer GlobalAveragePooling1D '"name": "mean"'
  printf ', '
  layer Dense '"units": 1, "activation": "sigmoid"'
  printf ']}}'
} >reviews.json
cat >train.csv <<'CSV'
text,label
"A good, fine film.",1
bad BAD film,0
"good plot, good cast",1
"really ""bad"" plot",0
fine good cast,1
bad cast,0
CSV
sed -e 's/,0$/,no/' -e 's/,1$/,yes/' train.csv >words.csv

# The words are learned from the data, and kept with the model.
run 0 train reviews.json --data train.csv --epochs 60 --optimizer adam:learning_rate=0.05 --metrics accuracy --out m.keras
has err "train.csv: layer 'words' learned a vocabulary of 10 tokens"
run 0 evaluate m.keras --data train.csv
is_empty err
has out 'accuracy: 1.0000'
run 0 summary m.keras
has out 'words (TextVectorization)'
has out '(None, 6, 8)'
run 0 verify m.keras
has out 'no problems'
run 0 train m.keras --data train.csv --epochs 1 --out m2.keras
has_not err 'learned a vocabulary'

# With a header and without, from a file and from standard input, in texts and in NumPy's files.
printf 'text\ngood fine\n"bad, bad"\n' >x.csv
printf 'good fine\n"bad, bad"\n' >headless.csv
run 0 predict m.keras --input x.csv --output -
is_empty err
lines out 2
awk 'NR == 1 && $1 < 0.5 || NR == 2 && $1 > 0.5 { exit 1 }' out || fail "the answers: $(cat out)"
cp out x.out
run 0 predict m.keras --input headless.csv --output -
same out x.out
run 0 predict m.keras --input - --output - <headless.csv
same out x.out
run 0 predict m.keras --input train.csv --output y.npy
exists y.npy

# A target of words is read as words; the texts are not.
run 0 train reviews.json --data words.csv --epochs 1
has err "read as words: column 'label' has 2 words (no 0, yes 1)"
has_not err "column 'text' has"

# Folders of texts, one for each class.
mkdir -p folder/neg folder/pos
for i in 1 2 3; do
  echo "a bad film" >folder/neg/$i.txt
  echo "a good film" >folder/pos/$i.txt
done
run 0 train reviews.json --data folder --epochs 30 --optimizer adam:learning_rate=0.05 --metrics accuracy --out f.keras
run 0 evaluate f.keras --data folder
has out 'accuracy: 1.0000'

# Several inputs take the columns that are called like them.
input() { layer InputLayer "\"batch_shape\": [null, 1], \"dtype\": \"$2\", \"name\": \"$1\""; }
node() {
  printf '[{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 1], "dtype": "%s", "keras_history": ["%s", 0, 0]}}], "kwargs": {}}]' "$2" "$1"
}
named() { printf '%s, "name": "%s", "inbound_nodes": %s}' "${1%\}}" "$2" "$3"; }
tensor() { printf '{"class_name": "__keras_tensor__", "config": {"shape": [null, 1], "dtype": "float32", "keras_history": ["%s", 0, 0]}}' "$1"; }
{
  printf '{"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "table", "layers": ['
  named "$(input colour string)" colour '[]'
  printf ', '
  named "$(input size float32)" size '[]'
  printf ', '
  named "$(layer StringLookup '"name": "known", "max_tokens": 5, "output_mode": "one_hot", "pad_to_max_tokens": true')" known "$(node colour string)"
  printf ', '
  named "$(layer Concatenate '"name": "joined"')" joined "[{\"args\": [[$(tensor known), $(tensor size)]], \"kwargs\": {}}]"
  printf ', '
  named "$(layer Dense '"name": "label", "units": 1, "activation": "sigmoid"')" label "$(node joined float32)"
  printf '], "input_layers": [["colour", 0, 0], ["size", 0, 0]], "output_layers": [["label", 0, 0]]}}'
} >table.json
{
  echo size,colour,label
  for ((i = 0; i < 10; ++i)); do
    echo "1,red,1"
    echo "1,blue,0"
  done
} >table.csv
run 0 train table.json --data table.csv --epochs 40 --optimizer adam:learning_rate=0.1 --metrics accuracy --out t.keras
has err "layer 'known' learned a vocabulary of 3 tokens"
run 0 evaluate t.keras --data table.csv
has out 'accuracy: 1.0000'
printf 'colour,size\nred,1\nblue,1\ngreen,1\n' >t.csv
run 0 predict t.keras --input t.csv --output p.json
is_json p.json
printf 'shade,size\nred,1\n' >wrong.csv
run 1 predict t.keras --input wrong.csv --output -
is_error
has err "expected a column for each input of the model (colour, size)"

# What does not fit is said.
run 1 evaluate m.keras --data moons
is_error
has err "expected texts for input 'text'"

finish
