"""The convolutions that bench/conv_bench.cpp times, beside oneDNN: by its own benchmark (`benchdnn`) where that is installed,
else by hebb's kernels that call it, in the same program."""
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


def by_conv_bench(conv_bench, name, threads, limit):
    """The least milliseconds of each pass by each implementation for a plan: {op: {implementation: ms}}."""
    _, _, text = run([conv_bench, f"--benchmark_filter=^{name}/.*/threads:{threads}/", "--benchmark_format=json",
                      "--benchmark_min_time=0.2"], limit)
    found = {}
    for row in json.loads(text)["benchmarks"]:
        op, implementation = row["name"].split("/")[1:3]
        found.setdefault(op, {})[implementation] = row["best_us"] * 1e-3
    return found


def compare(conv_bench, threads, limit):
    """Rows of {"layer", "op", "by", "hebb_ms", "onednn_ms"}: "by" says who timed oneDNN, "benchdnn" or "conv_bench". hebb's
    are the best of its own implementations."""
    by = "benchdnn" if shutil.which("benchdnn") else "conv_bench"
    found = []
    for name in LAYERS:
        try:
            ours = by_conv_bench(conv_bench, name, threads, limit)
            theirs = {op: times.pop("onednn", None) for op, times in ours.items()}
            if by == "benchdnn":
                theirs = by_benchdnn(name, threads, limit)
        except Failed as failure:
            say(f"left out: {failure}")
            continue
        for op in PASSES.values():
            if ours.get(op) and theirs.get(op):
                found.append({"layer": name, "op": op, "by": by, "hebb_ms": min(ours[op].values()), "onednn_ms": theirs[op]})
    return found
