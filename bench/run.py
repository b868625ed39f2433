#!/usr/bin/env python3
"""Compares hebb with its peers: every workload by every framework in turn, several rounds, so that what else the machine does
hits all alike. Prints a table of medians and of ratios, and how long compiling a program that includes hebb takes.

  ./do bench [--workloads mlp-50,cnn] [--frameworks torch,keras-tf] [--rounds 3] [--data MNIST_FOLDER] [--python PYTHON]

PYTHON is an interpreter with the peers installed (keras, tensorflow-cpu, jax, torch); those that are missing are left out.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def installed(python, framework):
    modules = {"torch": "torch", "keras-tf": "keras, tensorflow", "keras-jax": "keras, jax"}[framework]
    test = f"import importlib.util as u; import sys; sys.exit(not all(u.find_spec(m.strip()) for m in '{modules}'.split(',')))"
    return subprocess.run([python, "-c", test], capture_output=True).returncode == 0


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        print(f"{' '.join(command)}: failed\n{done.stderr[-600:]}", file=sys.stderr)
        return None
    return json.loads(lines[-1])


def compile_seconds(rounds):
    """Of a program that includes all of hebb, with g++."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "program.cpp")
        with open(source, "w") as file:
            file.write("#include <hebb/hebb.h>\nint main() { hebb::Sequential model({hebb::Dense(1)}); }\n")
        for _ in range(rounds):
            begin = time.perf_counter()
            subprocess.run(["g++", "-std=c++20", "-I", ROOT, "-c", source, "-o", os.path.join(folder, "program.o")], check=True)
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", default="mlp-50,mlp-200,mlp-1000,mlp-500x2,cnn,resnet20,infer-mlp-1,infer-cnn-1,infer-cnn-256,infer-resnet20-1,infer-resnet20-64")
    parser.add_argument("--frameworks", default="torch,keras-tf,keras-jax")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--data", help="a folder with MNIST's files; default: random numbers")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--hebb", default=os.path.join(ROOT, "build/release/bench/workload"))
    options = parser.parse_args()
    peers = [name for name in options.frameworks.split(",") if name and installed(options.python, name)]
    more = ["--threads", str(options.threads)] + (["--data", options.data] if options.data else [])
    frameworks = ["hebb", *peers]
    print("| ms a step or call (s to the first, MiB) | " + " | ".join(frameworks) + " | hebb / fastest peer |")
    print("|---" * (len(frameworks) + 2) + "|")
    for workload in options.workloads.split(","):
        results = {name: [] for name in frameworks}
        for _ in range(options.rounds):
            for name in frameworks:
                command = [options.hebb, workload] if name == "hebb" else [options.python, os.path.join(HERE, "peers.py"), name, workload]
                result = run(command + more)
                if result:
                    results[name].append(result)
        cells, medians = [], {}
        for name in frameworks:
            if not results[name]:
                cells.append("")
                continue
            medians[name] = statistics.median(r["ms"] for r in results[name])
            first = statistics.median(r["first_s"] for r in results[name])
            peak = max(r["peak_mib"] for r in results[name])
            cells.append(f"{medians[name]:.3g} ({first:.2g}, {peak})")
        fastest = min((medians[name] for name in peers if name in medians), default=None)
        ratio = f"{medians['hebb'] / fastest:.2f}" if fastest and "hebb" in medians else ""
        print(f"| {workload} | " + " | ".join(cells) + f" | {ratio} |", flush=True)
    print(f"\ncompiling a program that includes hebb/hebb.h: {compile_seconds(options.rounds):.2f} s")


if __name__ == "__main__":
    main()
