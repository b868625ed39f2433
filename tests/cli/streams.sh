# Data that is not read whole: HDF5 files, folders of images; and CIFAR-10's binary batches.
source "$(dirname "$0")/_lib.sh"

# What h5py wrote, gzipped.
archive() { base64 -d | gunzip >"$1"; }
# x uint8(24, 4, 4, 1) in gzipped chunks of 5 images, y uint8(24,) of 0 to 2, sample_weight float16(24,)
archive small.h5 <<'BASE64'
H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwoeyKLyYfIJUJoRSndA6RVMMHFGsJwEVFwQaj66upAgV1eQ6v9oAGaPAQuERnXdKBgpwMPVMQB
ER0D5GlD6BBOqugooXQmlixNzC3JS48tTM9MzSpDSqQGR9jIysEH0MML4HhCaBSIAS9csaDTMHkLyzMAUzQhN1xAxDjDJCqRBfCZmJrAwN4MCmM8Idw
cHOGelpKblJJakws3lAKoDm8vEWsHKADUKYi0L1ApG0kIAFQT7+bswAl0N89cFGfzqOaC0AjN+dbB8fUB6ZKRnUHnHCIwa9PJOlERzDghDaJg+ViL1X
UXTx0Wkvldo+viJ1PcfTZ8IkfpE0BRKEshPjKNF5SgYBaNgFIyCUTAKRsEoGAWjYJiCirjkBAdWxowERimH4L6Fcgy38kQYK+KiNzCIGixoZDBpWCbj
bMswlUcSKMjN4cDKfYGBGaoyv0eOkXjtDIxM2JEFiXAUjIJRMApGwSgYBZQC0Bgy6vwEZGSekRF1fgJGE5xvYILMN3BAdTAzaoqgmgADE4ZJeEiAlQo
q8DNAppIEGLhYGbhg49q4w8URGi7o8ygdgyo8AAnVX67gHQAA
BASE64
# x of 24 examples, y of 20
archive lengths.h5 <<'BASE64'
H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwqmcKLyYfIJUJoRSndA6RVMMHFGsJwEVFwQaj66upAgV1eQ6v9oAGaPAQuERnXdKBgpwMPVMQB
ER0D5sPR0gglVXQWUrkRLlw5k2svIwAoxgxHG94DQLIwo7mBBoxnR3IlLnhmYohmh6RoixgEmWYE0iM/ExMQIEYWYxMwIVcDQwIjq0gS6xEOwn78LIw
MTzBEMCsz41cPyawXraBrGn64g8cvICBEQgaoTITudNHCimgADE0YDfxTgBAFoYAEaGFVPZfWMTBgIALtyp6KUCQAA
BASE64

run 0 train mlp:units=8 --data small.h5 --epochs 2 --validation-split 0.25 --out m.keras --report r.svg --history h.json
has err 'val_accuracy'
exists r.svg
run 0 summary m.keras --json
has out '"output_shape": [null, 3]'
run 0 evaluate m.keras --data small.h5 --json
is_json out
has out accuracy
# The same again, to the bit; and validated with a file of its own.
run 0 train mlp:units=8 --data small.h5 --epochs 2 --validation small.h5 --json
cp out first
run 0 train mlp:units=8 --data small.h5 --epochs 2 --validation small.h5 --json
same out first
has out val_loss

run 1 train mlp --data lengths.h5 --out never.keras
is_error
has err "lengths.h5: expected as many examples in every array, got uint8(24, 4, 4, 1) in 'x' and uint8(20,) in 'y'"
missing never.keras
# A file of weights is no file of data.
run 0 convert m.keras weights.h5
run 1 train mlp --data weights.h5
is_error
has err "weights.h5: expected an array 'x'"
head -c 3000 small.h5 >cut.h5
run 1 train mlp --data cut.h5
is_error
has err cut.h5
run 1 train mlp --data missing.h5
is_error

# A folder of images: a model says how large they are.
mkdir -p photos/dark photos/light
base64 -d >photos/dark/0.png <<<'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR42mNgYPiPhIjiAACOsw/xW6KAvAAAAABJRU5ErkJggg=='
base64 -d >photos/light/0.png <<<'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR42mP4VcsKRwzEcQB5IhfBUWhMEwAAAABJRU5ErkJggg=='
for i in 1 2 3 4 5; do
  cp photos/dark/0.png photos/dark/$i.png
  cp photos/light/0.png photos/light/$i.png
done
cat >look.json <<'JSON'
{"class_name": "Sequential", "config": {"name": "look", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 6, 5, 3], "name": "in"}},
  {"class_name": "Rescaling", "config": {"scale": 0.01, "name": "scale"}},
  {"class_name": "Flatten", "config": {"name": "flat"}},
  {"class_name": "Dense", "config": {"units": 2, "activation": "softmax", "name": "dense"}}]}}
JSON
run 0 train look.json --data photos --epochs 20 --out look.keras --report look.svg
exists look.svg
run 0 evaluate look.keras --data photos --json
has out '"accuracy": 1'
printf 'nothing' >photos/dark/broken.png
run 1 evaluate look.keras --data photos
is_error
has err broken.png
mkdir empty
run 1 train mlp --data empty
is_error
has err 'a sub-folder of images (of .txt files for a model that takes texts) for each class'

# CIFAR-10's binary batches: a class, then the planes of red, green and blue.
mkdir cifar
for name in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do
  for class in 0 1 2; do
    printf "\\x0$class"
    head -c 3072 /dev/zero | tr '\0' "$class"
  done >cifar/$name.bin
done
run 0 train mlp:units=4 --data cifar --out c.keras --quiet
run 0 evaluate c.keras --data cifar --json
has out accuracy
rm cifar/test_batch.bin
run 1 train mlp --data cifar
is_error
has err 'test_batch.bin: no such file'

finish
