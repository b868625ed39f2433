"""oneDNN's own benchmark (`benchdnn`) of the convolutions that bench/conv_bench.cpp times, where it is installed."""
import json
import shutil

from measure import Failed, run, say

# name: batch, channels, height = width, filters, kernel, stride, padding; as in conv_bench.cpp
LAYERS = {"mnist1": (32, 1, 28, 32, 5, 1, 0), "mnist2": (32, 32, 24, 32, 5, 1, 0),
          "resnet_stem": (128, 3, 32, 16, 3, 1, 1), "resnet16": (128, 16, 32, 16, 3, 1, 1),
          "resnet32": (128, 32, 16, 32, 3, 1, 1), "resnet64": (128, 64, 8, 64, 3, 1, 1)}
PASSES = {"FWD_D": "conv", "BWD_D": "conv_backward_input", "BWD_W": "conv_backward_kernel"}


def problem(name):
    """In benchdnn's words, for example "mb32_ic32oc32_ih24oh20kh5sh1ph0"."""
    batch, channels, size, filters, kernel, stride, padding = LAYERS[name]
    out = (size + 2 * padding - kernel) // stride + 1
    return f"mb{batch}_ic{channels}oc{filters}_ih{size}oh{out}kh{kernel}sh{stride}ph{padding}"


def by_benchdnn(name, threads, limit):
    """The least milliseconds of each pass, any layout of the weights allowed, activations with channels last."""
    found = {}
    for direction, op in PASSES.items():
        command = ["benchdnn", "--conv", "--mode=P", "--perf-template=time:%-time%", "--dir=" + direction, "--stag=nhwc",
                   "--dtag=nhwc", problem(name)]
        _, _, text = run(command, limit, {"OMP_NUM_THREADS": str(threads)})
        times = [line.split(":")[1] for line in text.splitlines() if line.startswith("time:")]
        if times:
            found[op] = float(times[0])
    return found


def by_hebb(conv_bench, name, threads, limit):
    """The least milliseconds of each pass by hebb's best implementation for a plan."""
    _, _, text = run([conv_bench, f"--benchmark_filter=^{name}/.*/threads:{threads}/", "--benchmark_format=json",
                      "--benchmark_min_time=0.2"], limit)
    found = {}
    for row in json.loads(text)["benchmarks"]:
        op = row["name"].split("/")[1]
        found[op] = min(found.get(op, 1e9), row["best_us"] * 1e-3)
    return found


def compare(conv_bench, threads, limit):
    """Rows of {"layer", "op", "hebb_ms", "onednn_ms"}; none where there is no benchdnn."""
    if not shutil.which("benchdnn"):
        say("no benchdnn in the path: its convolutions are left out")
        return []
    found = []
    for name in LAYERS:
        try:
            theirs, ours = by_benchdnn(name, threads, limit), by_hebb(conv_bench, name, threads, limit)
        except Failed as failure:
            say(f"left out: {failure}")
            continue
        for op in PASSES.values():
            if op in ours and op in theirs:
                found.append({"layer": name, "op": op, "hebb_ms": ours[op], "onednn_ms": theirs[op]})
    return found
