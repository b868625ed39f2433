# Ctrl-C: 130 and a word about it, wherever it comes.
source "$(dirname "$0")/_lib.sh"

# interrupted PROCESS: sends Ctrl-C and checks how the program ends.
interrupted() {
  local status=0
  kill -INT "$1"
  wait "$1" || status=$?
  ((status == 130)) || fail "an interrupted program ended with $status instead of 130"
  has err interrupted
}

# until_it_has FILE TEXT: waits.
until_it_has() {
  local wait
  for ((wait = 0; wait < 300; ++wait)); do
    if grep -q -- "$2" "$1" 2>/dev/null; then return; fi
    sleep 0.1
  done
  fail "'$2' never came into $1"
}

# While data is read: somebody keeps the pipe open and sends nothing.
run 0 train mlp --data moons --quiet --out m.keras
mkfifo pipe
sleep 60 >pipe &
holder=$!
"$hebb" predict m.keras --input - --output - <pipe >out 2>err &
process=$!
for ((wait = 0; wait < 300; ++wait)); do
  # Scripts start what runs beside them with Ctrl-C ignored; from here on the program listens.
  caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$process/status" 2>/dev/null || true)
  ((16#${caught:-0} & 2)) && break
  sleep 0.1
done
interrupted "$process"
is_empty out
kill "$holder"

# Within an epoch the last line of JSON says so; the complete ones do not.
"$hebb" train mlp --data digits --epochs 100000 --json --out i.keras >out 2>err &
process=$!
until_it_has out '"epoch": 2'
interrupted "$process"
is_json out
exists i.keras
has err 'interrupted; saved to i.keras'
head -1 out >first
has_not first interrupted
tail -1 out >last
# Between two epochs nothing is cut short.
if ! grep -qF '"interrupted": true' last; then
  run 0 train mlp --data digits --epochs "$(wc -l <out)" --resume i.keras
  has err 'already'
fi

finish
