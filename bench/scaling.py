"""How hebb's time grows with the batch, the widths, the depth and the threads."""
import statistics

from measure import Failed, run_json, say

FACTORS = [1, 2, 4, 8]
# How the arithmetic grows with each, about: for the number of steps to time.
GROWTH = {"batch": 1, "width": 2, "depth": 1}
STEPS = {"mlp-500x2": 200, "cnn": 24}
ROUNDS = 3  # of one thread and more in turn


def by_size(workload, threads, limit):
    """Rows of {"workload", "axis", "factor", "ms", "mflop", "slowdown"}: slowdown is the time for a floating-point
    operation beside that of the workload itself, so 1 is as expected."""
    found = []
    for name, steps in STEPS.items():
        for axis, power in GROWTH.items():
            base = None
            for factor in FACTORS:
                command = [workload, name, "--threads", str(threads), "--repeat", "3", "--" + axis, str(factor),
                           "--steps", str(max(3, steps // factor ** power))]
                try:
                    result = run_json(command, limit)
                except Failed as failure:
                    say(f"left out: {failure}")
                    break
                flops = sum(kernel[1] for kernel in result["kernels"])
                cost = result["ms"] / flops
                base = base or cost
                found.append({"workload": name, "axis": axis, "factor": factor, "ms": result["ms"], "mflop": flops * 1e-6,
                              "slowdown": cost / base})
                say(f"{name}, {axis} x {factor}: {result['ms']:.4g} ms, {found[-1]['slowdown']:.2f} of the time for an operation")
    return found


def by_threads(workload, names, most, limit):
    """Rows of {"workload", "ms": {threads: ms}, "speedup"}: medians of runs that take turns."""
    found = []
    counts = sorted({2 ** i for i in range(most.bit_length()) if 2 ** i <= most} | {most})
    for name in names:
        runs = {str(count): [] for count in counts}
        try:
            for _ in range(ROUNDS):
                for count, times in runs.items():
                    times += run_json([workload, name, "--threads", count, "--repeat", "3"], limit)["times_ms"]
        except Failed as failure:
            say(f"left out: {failure}")
            continue
        times = {count: statistics.median(found_times) for count, found_times in runs.items()}
        found.append({"workload": name, "ms": times, "speedup": times[str(counts[0])] / times[str(counts[-1])]})
        say(f"{name}: {most} threads are {found[-1]['speedup']:.2f} times as fast as one")
    return found
