"""What was measured, as text: tables for the terminal, and docs/performance.md."""
from bars import number

TITLES = {  # a heading, what is timed
    "mlp-50": ("MLP 784-50-10", "training step, batch 50, SGD with Nesterov momentum"),
    "mlp-200": ("MLP 784-200-10", "training step, batch 50, SGD with Nesterov momentum"),
    "mlp-1000": ("MLP 784-1000-10", "training step, batch 50, SGD with Nesterov momentum"),
    "mlp-500x2": ("MLP 784-500-500-10", "training step, batch 50, SGD with Nesterov momentum"),
    "cnn": ("MNIST CNN", "training step, batch 32, Adadelta"),
    "resnet20": ("ResNet-20, 32x32x3", "training step, batch 128, SGD with momentum"),
    "lstm": ("LSTM(128), 100 steps of 64", "training step, batch 32, Adam"),
    "transformer": ("Transformer, 2 blocks of 4 heads, (64, 128)", "training step, batch 32, Adam"),
    "infer-mlp-1": ("MLP 784-500-500-10", "inference, batch 1"),
    "infer-mlp-1-int8": ("MLP 784-500-500-10, int8", "inference, batch 1"),
    "infer-mlp-1-bfloat16": ("MLP 784-500-500-10, bfloat16", "inference, batch 1"),
    "infer-mlp-64": ("MLP 784-500-500-10", "inference, batch 64"),
    "infer-mlp-64-int8": ("MLP 784-500-500-10, int8", "inference, batch 64"),
    "infer-mlp-64-bfloat16": ("MLP 784-500-500-10, bfloat16", "inference, batch 64"),
    "infer-cnn-1": ("MNIST CNN", "inference, batch 1"),
    "infer-cnn-1-int8": ("MNIST CNN, int8", "inference, batch 1"),
    "infer-cnn-256": ("MNIST CNN", "inference, batch 256"),
    "infer-cnn-256-int8": ("MNIST CNN, int8", "inference, batch 256"),
    "infer-resnet20-1": ("ResNet-20", "inference, batch 1"),
    "infer-resnet20-1-int8": ("ResNet-20, int8", "inference, batch 1"),
    "infer-resnet20-64": ("ResNet-20", "inference, batch 64"),
    "infer-resnet20-64-int8": ("ResNet-20, int8", "inference, batch 64"),
    "infer-lstm-1": ("LSTM(128), 100 steps of 64", "inference, batch 1"),
}
NAMES = {"hebb": "hebb", "keras-tf": "Keras, TF", "keras-jax": "Keras, JAX", "torch": "PyTorch", "torch-compile": "torch.compile",
         "sklearn": "scikit-learn", "onnxruntime": "ONNX Runtime"}


def title_of(workload):
    heading, below = TITLES.get(workload, (workload, ""))
    return f"{heading}, {below}" if below else heading


def narrow(workload):
    """The type in which hebb computes a workload where that is narrower than float32, in which its peers do; else None."""
    return next((kind for kind in ("int8", "bfloat16") if workload.endswith("-" + kind)), None)


def bare(milliseconds):
    return number(milliseconds).split()[0]


def fastest_peer(results):
    """(name, milliseconds), or None where nobody else was measured."""
    peers = {name: result["ms"] for name, result in results.items() if name != "hebb"}
    return min(peers.items(), key=lambda item: item[1]) if peers else None


def spread(result):
    return 50 * (result["high_ms"] - result["low_ms"]) / result["ms"]


def with_spread(result):
    """Without it where there was one run."""
    return bare(result["ms"]) + (f" ± {spread(result):.0f} %" if result["high_ms"] > result["low_ms"] else "")


def peers_table(data):
    """Milliseconds of every workload by every framework, and how many times as fast as the fastest peer hebb is."""
    frameworks = [name for name in NAMES if any(name in row["results"] for row in data["workloads"].values())]
    lines = ["| ms | " + " | ".join(NAMES[name] for name in frameworks) + " | hebb is as fast as |", "|---" * (len(frameworks) + 2) + "|"]
    for workload, row in data["workloads"].items():
        results, best = row["results"], fastest_peer(row["results"])
        cells = [with_spread(results[name]) if name in results else "" for name in frameworks]
        ratio = f"{best[1] / results['hebb']['ms']:.2f} times {NAMES[best[0]]}" if best and "hebb" in results else ""
        if ratio and narrow(workload):
            ratio += " in float32"
        lines.append(f"| {workload} | " + " | ".join(cells) + f" | {ratio} |")
    return "\n".join(lines)


def start_table(data):
    """Seconds from the process's start to the first step or call done, and its largest memory."""
    frameworks = [name for name in NAMES if any(name in row["results"] for row in data["workloads"].values())]
    lines = ["| s to the first, peak MiB | " + " | ".join(NAMES[name] for name in frameworks) + " |", "|---" * (len(frameworks) + 1) + "|"]
    for workload, row in data["workloads"].items():
        cells = [f"{row['results'][name]['first_s']:.3g}, {row['results'][name]['peak_mib']:.0f}" if name in row["results"] else ""
                 for name in frameworks]
        lines.append(f"| {workload} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def roofline_rows(data):
    """Of each workload: what hebb's step computes and moves, how fast, and beside what the machine could do."""
    rows = []
    for workload, row in data["workloads"].items():
        if "hebb" not in row["results"] or "mflop" not in row:
            continue
        result = row["results"]["hebb"]
        milliseconds = result["ms"]
        # The peak is that of float32, and says nothing about narrower types.
        beside = ["", ""] if narrow(workload) else [bare(row["floor_ms"]), f"{100 * row['floor_ms'] / milliseconds:.0f} %"]
        rows.append([workload, bare(milliseconds), f"{spread(result):.0f} %", f"{row['mflop']:.4g}", f"{row['mib']:.3g}",
                     f"{row['mflop'] / milliseconds:.0f}", f"{row['mib'] * 1.048576 / milliseconds:.1f}", *beside,
                     f"{result['first_s']:.3g}", f"{result['prepare_ms']:.0f}", f"{result['peak_mib']:.0f}"])
    return rows


ROOFLINE_HEAD = ["workload", "ms", "±", "MFLOP", "MiB moved", "GFLOP/s", "GB/s", "roofline ms", "share", "s to first", "plan ms", "peak MiB"]


def table(head, rows):
    """Markdown that is also laid out for a terminal."""
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    lines = ["| " + " | ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))) + " |" for row in [head, *rows]]
    lines.insert(1, "|" + "|".join("-" * (width + 2) if i == 0 else "-" * (width + 1) + ":" for i, width in enumerate(widths)) + "|")
    return "\n".join(lines)


def roofline_table(data):
    return table(ROOFLINE_HEAD, roofline_rows(data))


def kernels_table(data):
    """Where the time of a step goes: the kernels that take most of it."""
    rows = []
    for workload, row in data["workloads"].items():
        if row.get("shares"):
            rows.append([workload, ", ".join(f"{name} {100 * share:.0f} %" for name, share in row["shares"][:5] if share >= 0.02)])
    return "\n".join(["| workload | time by kernel |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows)])


def machine_table(roofline):
    rows = []
    for threads, rates in roofline["threads"].items():
        for level in ("L2", "L3", "DRAM"):
            found = rates[level]
            rows.append([threads, f"{rates['gflops']:.0f}", level, *(f"{found[kind]:.1f}" for kind in ("read", "write", "copy"))])
    return table(["threads", "GFLOP/s", "GB/s in", "read", "write", "copy"], rows)


def process_table(data):
    return table(["what", "", "unit"], [[row["what"], f"{row['value']:.3g}", row["unit"]] for row in data["process"]])


def size_table(data):
    rows = [[row["workload"], f"{row['axis']} x {row['factor']}", bare(row["ms"]), f"{row['mflop']:.4g}",
             f"{row['mflop'] / row['ms']:.0f}", f"{row['slowdown']:.2f}"] for row in data["scaling"]["size"]]
    return table(["workload", "size", "ms", "MFLOP", "GFLOP/s", "time an operation"], rows)


def threads_table(data):
    rows = data["scaling"]["threads"]
    counts = list(rows[0]["ms"])
    return table(["ms on so many threads", *counts, "speed-up"],
                 [[row["workload"], *(bare(row["ms"][count]) for count in counts), f"{row['speedup']:.2f}"] for row in rows])


def convolutions_table(data):
    rows = [[row["layer"], row["op"], bare(row["hebb_ms"]), bare(row["onednn_ms"]), f"{row['onednn_ms'] / row['hebb_ms']:.2f}"]
            for row in data["convolutions"]]
    return table(["layer", "pass", "hebb ms", "oneDNN ms", "hebb is, times as fast"], rows)


def convolutions_text(data):
    if data["convolutions"][0].get("by", "benchdnn") == "benchdnn":
        return "The least time of each pass of single convolutions, by `bench/conv_bench` and by oneDNN's own `benchdnn`:"
    return """The least time of each pass of single convolutions by `bench/conv_bench`, in one program: the best of hebb's own kernels beside
hebb's kernel that calls oneDNN's direct convolution on pieces of the batch, a thread each. Both have the layout of the weights
that they ask for:"""


def panels(data):
    """What bars.svg takes: hebb first, its peers from the fastest; where hebb computes in a narrower type, the line below the
    title says that they do not."""
    found = []
    for workload, row in data["workloads"].items():
        times = sorted(((name, result["ms"]) for name, result in row["results"].items()), key=lambda item: (item[0] != "hebb", item[1]))
        heading, below = TITLES.get(workload, (workload, ""))
        below += "; the others in float32" if narrow(workload) and len(times) > 1 else ""
        found.append((heading, below, [(NAMES[name] if name != "hebb" else name, milliseconds) for name, milliseconds in times]))
    return found


def machine_line(data):
    machine = data["machine"]
    caches = ", ".join(f"{name} {size}" for name, size in machine["caches"].items())
    return (f"{machine['cpu']} ({machine['model']}; {', '.join(machine['instructions'])}), {machine['cores']} cores, {caches}, "
            f"{machine['memory_gib']} GiB, {machine['system']}, {machine['compiler']}")


def machine_word(data):
    """For the picture."""
    machine = data["machine"]
    return f"{machine['cpu']} ({', '.join(machine['instructions'][:2])}), {data['threads']} threads, {data['date']}"


def versions_line(data):
    return ", ".join(f"{name} {version}" for name, version in data["versions"].items())


def command_of(data):
    """The call of ./do bench that takes such figures, as far as they show it."""
    streamed = any("4 GB" in row["what"] for row in data.get("process") or [])
    wanted = (("--peers", data.get("process")), ("--scaling", data.get("scaling")), ("--streaming", streamed))
    rounds = ["--rounds", str(data["rounds"])] if data["rounds"] != (3 if data.get("process") else 1) else []
    mnist = ["--data", "MNIST_FOLDER"] if data.get("mnist") else []
    return " ".join(["./do bench", *(option for option, found in wanted if found), *rounds, *mnist, "--write-docs"])


def choosing(data):
    """How hebb's kernels were chosen."""
    if data.get("tuning", "on") == "off":
        return "hebb's kernels were those of its built-in order (`HEBB_TUNE=off`)."
    before = "before the first round, and are the same in all rounds" if "tuning" in data else "as in any longer run"
    return f"hebb's kernels were chosen by measuring them on this machine (`HEBB_TUNE`), {before}."


def slower_text(data):
    """What did not grow as the arithmetic did."""
    slower = [row for row in data["scaling"]["size"] if row["slowdown"] > 1.05]
    named = ", ".join(f"{row['workload']} {row['axis']} x {row['factor']} ({row['slowdown']:.2f})" for row in slower)
    return f"""
It is above 1 where what a step reads and writes leaves a cache, and where other work disturbed the run. Above 1.05 here:
{named}.""" if slower else ""


def threads_text(data):
    """What more threads help less than they could."""
    rows = data["scaling"]["threads"]
    if len(rows[0]["ms"]) < 2:
        return ""
    counts = list(rows[0]["ms"])
    few = sorted((row for row in rows if row["speedup"] < 0.9 * int(counts[-1])), key=lambda row: row["speedup"])
    if not few:
        return ""
    named = ", ".join(f"{row['workload']} ({row['speedup']:.2f})" for row in few)
    return f"""{counts[-1]} threads are less than {0.9 * int(counts[-1]):.1f} times as fast as one on: {named}.
Threads help little where the work between two meetings of theirs is a few microseconds, where it falls into few pieces (one
image, one row), where each step needs the one before, and where what one wrote another reads: pooling and dropout between
layers that are cut in other ways, and the weights of large dense layers, which come from the memory that all share."""


def loading_text(data):
    """Why steps are longer while a thread loads."""
    if not any("loading thread" in row["what"] for row in data["process"]):
        return ""
    return f"""While the loading thread is busy for less than all of the time, batches are ready before they are asked for. Steps are longer all
the same where it has no core of its own: what it computes, and the system for it when it reads from a disk, is then missing to the
threads of the step. Here {data['threads']} of these share
{data['machine']['cores']} cores with it."""


def document(data, picture):
    """docs/performance.md. `picture`: where the bars lie, seen from there."""
    rounds = f"{data['rounds']} round" + ("s" if data["rounds"] != 1 else "")
    parts = ["# Performance", f"""`./do bench` times hebb alone, in about a minute; `./do bench --peers` installs other frameworks in an environment of their
own (`build/peers`) and times every workload by each of them in turn. `{command_of(data)}` wrote this page;
nobody edits it (the text stands in `bench/report.py`). Machines differ and are shared: compare only within one run.

Measured on {data['date']}: {machine_line(data)}; {data['threads']} threads; {rounds}{'; ' + data['note'] if data['note'] else ''}.
{choosing(data)}
Versions: {versions_line(data)}.""",
             f"![Milliseconds of each workload by hebb and its peers]({picture})",
             "## Beside its peers", """Medians over the rounds, half of the distance between the fastest and the slowest round behind the ±. The last column says how
many times as fast as the fastest peer hebb is. Inference is `predict_on_batch` for hebb (after `freeze`) and Keras, a call under `inference_mode`
for PyTorch, a session's `run` for ONNX Runtime.""" + ("""

In the rows that end in `-int8` and `-bfloat16` only hebb computes in that type; its peers compute the same network in float32.""" if
                                                 any(map(narrow, data["workloads"])) else ""), peers_table(data),
              "\n".join(f"- {name}: {title_of(name)}" for name in data["workloads"])]
    parts += ["From the start of the process to the end of the first training step or call, and the process's largest memory:", start_table(data)]
    if "roofline" in data:
        parts += ["## Beside the machine", """What the machine can do (`bench/roofline.cpp`), all threads together; a copied byte counts twice, being read and written:""",
                  machine_table(data["roofline"]),
                  """And what of it a step uses. Operations are those of the definition (two for a multiplication with its addition; an implementation
that needs fewer multiplications, as Winograd's, can come out above the peak), bytes those of each kernel's inputs and outputs.
"roofline ms" adds up, kernel by kernel, the longer of its arithmetic at the peak rate and its bytes at the rate of the smallest
memory that holds them; the share is that time beside the measured one. Both are left out for int8 and bfloat16, since the peak is that of float32.
"plan ms" is how much longer the first step takes than the second: tracing, looking up or choosing kernels, planning memory, and
the system's first handing out of that memory. `hebb train ... --profile` shows the same kernel by kernel.""",
                  roofline_table(data)]
        if any(row.get("shares") for row in data["workloads"].values()):
            parts += ["The kernels that take most of it, an operation and who computes it, in a run that only times these:", kernels_table(data)]
    if data.get("process"):
        parts += ["## Whole processes", process_table(data), *filter(None, [loading_text(data)])]
    if data.get("scaling"):
        parts += ["## Scaling", """Batch, widths and depth times 1, 2, 4 and 8. "time an operation" is the time for a floating-point operation beside that at the size
itself: 1 is growth as the arithmetic grows, below 1 the larger one uses the machine better.""" + slower_text(data),
                  size_table(data), threads_table(data), *filter(None, [threads_text(data)])]
    if data.get("convolutions"):
        parts += ["## Beside oneDNN", convolutions_text(data), convolutions_table(data)]
    parts += ["## Watching it", """`tests/instructions` counts the instructions of a few training steps under valgrind and compares them with committed figures: a
change that costs more than the tolerance fails the tests until it says why. `bench/conv_bench.cpp` and `bench/matmul_bench.cpp`
time single kernels."""]
    return "\n\n".join(parts) + "\n"
