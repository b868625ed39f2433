# Colour and redrawing: on a terminal alone, and not when NO_COLOR is set.
source "$(dirname "$0")/_lib.sh"

if ! command -v script >/dev/null; then
  echo 'there is no `script` to make a terminal with'
  exit 0
fi
unset NO_COLOR
script -qec "'$hebb' train mlp --data moons --epochs 2" typescript </dev/null >/dev/null
grep -q $'\x1b\[32m' typescript || fail 'no colour on a terminal'
NO_COLOR=1 script -qec "'$hebb' train mlp --data moons --epochs 2" plain </dev/null >/dev/null
! grep -q $'\x1b' plain || fail 'colour in spite of NO_COLOR'
grep -q 'Epoch 2/2' plain || fail 'no progress'

finish
