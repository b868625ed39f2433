# Words in CSV files: they mean the same number in every file that a model meets.
source "$(dirname "$0")/_lib.sh"

{
  echo colour,size,kind
  for ((i = 0; i < 30; ++i)); do
    echo "red,$((i % 3)),cat"
    echo "blue,$((9 + i % 3)),dog"
  done
} >train.csv
{
  echo colour,size,kind
  for i in 9 10 11; do echo "blue,$i,dog"; done
} >dogs.csv
printf 'colour,size,kind\nblue,9,dog\nred,1,cow\n' >cow.csv
printf 'colour,size,kind\npink,9,dog\n' >pink.csv
printf 'colour,size\nblue,9\nblue,10\n' >x.csv
printf 'colour,size\nred,0\nblue,9\n' >both.csv

# What is read as words is said; a file of one kind alone is judged rightly.
run 0 train logistic --data train.csv --epochs 40 --optimizer adam:learning_rate=0.1 --out m.keras \
  --validation dogs.csv --history h.csv
has err "train.csv: read as words: column 'colour' has 2 words (blue 0, red 1), column 'kind' has 2 words (cat 0, dog 1)"
[[ $(tail -1 h.csv | cut -d, -f4) == 1 ]] || fail "the validation's accuracy: $(tail -1 h.csv)"
run 0 convert m.keras m.h5
run 0 convert m.h5 again.keras
for file in m.keras m.h5 again.keras; do
  run 0 evaluate $file --data dogs.csv
  is_empty err
  has out 'accuracy: 1.0000'
  run 0 predict $file --input x.csv --output -
  is_empty err
  cp out x.out
  run 0 predict $file --input both.csv --output -
  [[ $(tail -1 out) == "$(head -1 x.out)" ]] || fail "blue is not blue in $file"
  # Without a header columns are known by their places.
  tail -n +2 dogs.csv >headless.csv
  run 0 evaluate $file --data headless.csv
  has out 'accuracy: 1.0000'
done

# Words that the model does not know.
for arguments in 'evaluate m.keras --data' 'train logistic --data train.csv --validation' \
  'train logistic --resume m.keras --epochs 50 --data' 'train m.keras --data'; do
  # shellcheck disable=SC2086
  run 1 $arguments cow.csv
  has err "'cow.csv': line 3: column 3 ('kind'): expected one of 'cat', 'dog', got 'cow'."
done
run 1 predict m.keras --input pink.csv --output -
is_error
has err "'pink.csv': line 2: column 1 ('colour'): expected one of 'blue', 'red', got 'pink'."
printf 'hue,size,kind\nblue,9,dog\n' >renamed.csv
run 1 evaluate m.keras --data renamed.csv
is_error
has err "column 1 ('hue'): expected a number, got 'blue'"

# A model that knows none says how words were numbered.
run 0 train logistic --data moons --quiet --out moons.keras
printf 'a,b,kind\n1,2,cat\n2,1,dog\n' >words.csv
run 0 evaluate moons.keras --data words.csv
has err "hebb: warning: words.csv: column 'kind' has 2 words (cat 0, dog 1). The model's file does not say"
run 0 train logistic --data words.csv --quiet
is_empty err

# Numbers and words in one column.
printf 'a,b,kind\n1,x,0\n2,3,1\n' >mixed.csv
run 1 train logistic --data mixed.csv
is_error
has err "'mixed.csv': line 2: column 2 ('b'): expected numbers alone or words alone, got 'x' here and '3' in line 3."
run 0 train logistic --data mixed.csv --texts b,kind --quiet
run 2 train logistic --data mixed.csv --texts c
is_error
has err "--texts: mixed.csv: unknown column 'c'"

# Decimal commas.
printf '1,5;0\n2,5;1\n3,5;0\n' >europe.csv
run 0 train logistic --data europe.csv --quiet --out e.keras
run 0 summary e.keras --json
has out '"params": 4,'
run 0 train logistic --data europe.csv --decimal , --quiet
run 2 train logistic --data europe.csv --decimal x
is_error
has err "--decimal: expected . or , got 'x'"
run 2 train logistic --data moons --decimal ,
is_error
has err '--decimal: expected data in a .csv file'

finish
