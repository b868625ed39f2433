# plot, report, and the pages and folders that train writes.
source "$(dirname "$0")/_lib.sh"

run 0 train mlp --data moons --epochs 2 --validation-split 0.2 --quiet --run runs/first --report live.html
is_empty err
for file in run.json history.json model.keras report.html; do exists runs/first/$file; done
exists live.html
has live.html '<!DOCTYPE html>'
has live.html 'done after 2 epochs'
has_not live.html 'http-equiv'
has runs/first/run.json '"data_source": "moons"'
is_plain runs/first/report.html

# The first page, before anything is learned: a callback that fails at the end of the first epoch leaves it as it is.
echo 'no folder' >nowhere
run 1 train mlp --data moons --epochs 3 --quiet --report begun.html --callback model_checkpoint:filepath=nowhere/best.keras
rm nowhere
has begun.html '<!DOCTYPE html>'
has begun.html 'beginning, 3 epochs'
has begun.html 'http-equiv="refresh"'
has begun.html 'mlp on moons'
has_not begun.html 'learning curves'
has_not begun.html 'nan'

# The page of a run, again and elsewhere; of a history alone.
run 0 report runs/first --out again.html
has out again.html
has again.html 'confusion (test data)'
has again.html 'worst mistakes'
has again.html 'learning curves'
run 0 report runs/first/history.json --out history.html
has history.html 'learning curves'
run 0 train mlp --data moons --epochs 2 --quiet --history h.csv
run 0 report h.csv
exists h.html
run 1 report nowhere
is_error
mkdir empty
run 1 report empty
has err 'run.json'
printf '{"title": 3}' >empty/run.json
run 1 report empty
has err 'is no record of a run'
printf '{"loss": "low"}' >bad.json
run 1 report bad.json
has err 'bad.json'
run 2 report runs/first --out page.pdf
is_error

# Going on in the folder keeps what lies behind, also the epochs' numbers.
run 0 train mlp --data moons --epochs 2 --quiet --run runs/long
run 0 train mlp --data moons --epochs 5 --quiet --resume runs/long/model.keras --run runs/long
has runs/long/report.html 'done after 5 epochs'
tr -d ' \n' <runs/long/history.json >flat
has flat '"epoch":[0,1,2,3,4]'
grep -qE '"loss":\[([^],]+,){4}[^],]+\]' flat || fail "runs/long/history.json: expected the loss of five epochs"
tr -d ' \n' <runs/long/run.json >flat
grep -qE '"epoch_seconds":\[([^],]+,){4}[^],]+\]' flat || fail "runs/long/run.json: expected five times"
run 0 train mlp --data moons --epochs 7 --quiet --resume runs/long/model.keras --run runs/elsewhere
has runs/elsewhere/report.html 'done after 7 epochs'
run 0 plot curves runs/elsewhere/history.json --out elsewhere.svg

# Without the model there is less to see, and that is said.
cp -r runs/long runs/bare && rm runs/bare/model.keras
run 0 report runs/bare --out bare.html
has err 'model.keras'
has bare.html 'learning curves'

# Data that is gone leaves a page without mistakes.
sed 's/"data_source": "moons"/"data_source": "gone.csv"/' runs/first/run.json >t && mv t runs/first/run.json
run 0 report runs/first --out gone.html
has err 'gone.csv'
has_not gone.html 'confusion'
run 0 report runs/first --data moons --out back.html
has back.html 'confusion'

# Every kind of picture.
m=runs/first/model.keras
for kind in graph histograms; do run 0 plot $kind $m --out $kind.svg; has $kind.svg '<svg'; done
for kind in confusion roc precision-recall embedding gradients regions; do
  run 0 plot $kind $m --data moons --examples 100 --out $kind.png
  exists $kind.png
done
run 0 plot embedding $m --data moons --examples 60 --method t-sne --out t.png
run 0 plot curves runs/first/history.json --out curves.pdf
run 0 plot curves h.csv --out curves.svg
run 0 plot graph mnist-cnn --direction LR --out g.svg
is_empty err
run 0 plot filters mnist-cnn --out f.png
has err 'random'

run 0 plot neuron $m --image-shape 1x2 --class 1 --out n.svg
has n.svg '<svg'
run 2 plot neuron $m --image-shape 28 --out n.svg
has err '--image-shape'

# What is wrong is said, with the nearest right name.
run 2 plot grahp $m --out g.svg
has err "Did you mean 'graph'?"
run 2 plot graph $m --out g.jpg
is_error
run 2 plot confusion $m --out c.png
has err '--data'
run 2 plot activations $m --data moons --example 1000000 --out a.png
has err '--example'
run 1 plot saliency $m --data moons --out s.png
is_error
run 1 plot weights $m --layer dence --out w.png
has err 'dense'
missing s.png

finish
