#!/usr/bin/env python3
"""The bench suite.

  ./do bench                    hebb alone, about a minute: time and spread, operations, bytes and share of the roofline,
                                seconds to the first step, peak memory
  ./do bench --peers            every workload by hebb and its peers in turn, several rounds, and what whole processes cost;
                                the peers are installed in build/peers, unless --python names an interpreter that has them
  ./do bench --scaling          how the time grows with batch, width, depth and threads
  ./do bench --streaming        also trains on a generated file of 4 GB
  ./do bench --peers --scaling --streaming --write-docs [--note TEXT] [--data MNIST_FOLDER]
                                all of it, and writes docs/performance.md and its picture
  ./do bench --from FILE --write-docs
                                the same from figures taken before

Everything is written to build/bench.json, and the bars to build/bench.svg. hebb chooses its kernels by measuring before the
first round, and keeps the choices for all rounds in build/bench-cache.
"""
import argparse
import datetime
import json
import os
import sys

import bars
import convolutions
import environment
import machine
import process
import report
import scaling
from measure import Failed, choose_kernels, floor_ms, interleave, run, run_json, say, shares

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PEERS = os.path.join(HERE, "peers.py")
MODULES = ["keras", "tensorflow-cpu", "jax", "torch", "scikit-learn", "onnxruntime"]
PICTURE = "images/performance.svg"


def parse():
    parser = argparse.ArgumentParser(prog="./do bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true", help="time other frameworks too")
    parser.add_argument("--scaling", action="store_true", help="time larger batches, widths and depths, and one thread")
    parser.add_argument("--streaming", action="store_true", help="train on a file of 4 GB, with 512 MiB of memory")
    parser.add_argument("--workloads", help="by commas; default: all")
    parser.add_argument("--frameworks", help="the peers, by commas; default: all that are installed")
    parser.add_argument("--rounds", type=int, help="default: 1, and 3 with --peers")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=float, default=180, help="seconds that one run may take; default: 180")
    parser.add_argument("--data", help="a folder with MNIST's files; default: random numbers")
    parser.add_argument("--python", help="an interpreter with the peers; implies --peers")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"), help="where hebb was built")
    parser.add_argument("--scratch", default=os.path.join(ROOT, "build"),
                        help="a folder on a disk (not in memory) for files that are gone afterwards, 4 GB with --streaming; default: build")
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench.json"))
    parser.add_argument("--from", dest="source", help="figures taken before, instead of measuring")
    parser.add_argument("--write-docs", action="store_true", help="write docs/performance.md")
    parser.add_argument("--note", default="", help="a word on the circumstances, for the page")
    options = parser.parse_args()
    for name in ("threads", "rounds", "limit"):
        value = getattr(options, name)
        if value is not None and not value > 0:
            refuse(f"--{name}: expected a number above 0, got {value}")
    options.peers = options.peers or options.python is not None
    options.rounds = options.rounds or (3 if options.peers else 1)
    return options


def refuse(why):
    """Ends the program as one called wrongly."""
    print(f"./do bench: {why}.", file=sys.stderr)
    sys.exit(2)


def chosen(text, known, what):
    """The words of a list by commas; exits where one is not known."""
    words = [word for word in (text or ",".join(known)).split(",") if word]
    for word in words:
        if word not in known:
            refuse(f"unknown {what} '{word}'. Known are: {', '.join(known)}")
    return words


def peers_of(options):
    """The interpreter, and the frameworks that it has with the workloads each can do."""
    python = options.python or environment.make(os.path.join(ROOT, "build", "peers"))
    _, _, text = run([python, PEERS, "list"], options.limit)
    known = json.loads(text)
    found = {}
    for name in chosen(options.frameworks, list(known), "framework"):
        modules, workloads = known[name]
        program = f"import importlib.util as u, sys; sys.exit(not all(u.find_spec(m) for m in {modules!r}))"
        try:
            run([python, "-c", program], options.limit)
            found[name] = workloads
        except Failed:
            say(f"left out: {name}, since {python} has not all of {', '.join(modules)}")
    return python, found


def taken_before(path):
    """The figures of an earlier run."""
    try:
        with open(path) as file:
            data = json.load(file)
    except OSError as failure:
        refuse(f"--from {path}: {failure.strerror}. Name the bench.json of an earlier run")
    except ValueError as failure:
        refuse(f"--from {path}: expected JSON, {failure}. Name the bench.json of an earlier run")
    if not isinstance(data, dict) or "workloads" not in data:
        refuse(f"--from {path}: expected figures of a run, found no \"workloads\". Name the bench.json of an earlier run")
    return data


def measure(options):
    workload_program = os.path.join(options.build, "bench", "workload")
    roofline_program = os.path.join(options.build, "bench", "roofline")
    for program in (workload_program, roofline_program):
        if not os.path.exists(program):
            refuse(f"expected the program {program}. Build it with ./do bench, or name another folder: --build FOLDER")
    _, _, names = run([workload_program, "list"], options.limit)
    # In the order of the report, new ones behind.
    known = sorted(names.split(), key=lambda name: list(report.TITLES).index(name) if name in report.TITLES else 99)
    workloads = chosen(options.workloads, known, "workload")
    python, peers = peers_of(options) if options.peers else (sys.executable, {})
    more = ["--threads", str(options.threads)] + (["--data", options.data] if options.data else [])

    def command_of(framework, workload):
        if framework == "hebb":
            return [workload_program, workload, *more]
        if workload not in peers[framework]:
            return None
        return [python, PEERS, framework, workload, "--work", os.path.join(ROOT, "build", "peers-files"), *more]

    data = {"date": datetime.date.today().isoformat(), "machine": machine.described(), "threads": options.threads,
            "rounds": options.rounds, "mnist": options.data is not None, "note": options.note, "tuning": os.environ.get("HEBB_TUNE") or "on",
            "versions": machine.versions(python, MODULES if peers else [], ROOT),
            "roofline": run_json([roofline_program, "--json", "--threads", str(options.threads)], options.limit)}
    if data["tuning"] != "off":
        choose_kernels(os.path.join(ROOT, "build", "bench-cache"), [[workload_program, name, *more] for name in workloads],
                       options.limit)
    found, kernels = interleave(workloads, command_of, ["hebb", *peers], options.rounds, options.limit)
    data["workloads"] = {}
    for workload, results in found.items():
        row = {"title": report.title_of(workload), "results": results}
        if workload in kernels:
            row["mflop"] = sum(flops for _, flops, _, _ in kernels[workload]) * 1e-6
            row["mib"] = sum(moved for _, _, moved, _ in kernels[workload]) / 2 ** 20
            row["shares"] = shares(kernels[workload])
            row["floor_ms"] = floor_ms(kernels[workload], data["roofline"], options.threads)
        data["workloads"][workload] = row
    if peers:
        data["process"] = process.rows(options.build, workload_program, options.data, options.rounds, options.limit,
                                       options.scratch, options.streaming)
        conv_bench = os.path.join(options.build, "bench", "conv_bench")
        data["convolutions"] = convolutions.compare(conv_bench, options.threads, options.limit)
    if options.scaling:
        data["scaling"] = {"size": scaling.by_size(workload_program, options.threads, options.limit),
                           "threads": scaling.by_threads(workload_program, workloads, options.threads, options.limit)}
    return data


def write(path, text):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    say(f"written: {os.path.relpath(path)}")


def show(data):
    print(f"\n{report.machine_line(data)}; {data['threads']} threads\n")
    if "roofline" in data:
        print(f"{report.machine_table(data['roofline'])}\n\n{report.roofline_table(data)}\n\n{report.kernels_table(data)}")
    if any(report.fastest_peer(row["results"]) for row in data["workloads"].values()):
        print(f"\n{report.peers_table(data)}\n\n{report.start_table(data)}")
    if data.get("process"):
        print(f"\n{report.process_table(data)}")
    if data.get("convolutions"):
        print(f"\n{report.convolutions_table(data)}")
    if data.get("scaling"):
        print(f"\n{report.size_table(data)}\n\n{report.threads_table(data)}")


def main():
    options = parse()
    if options.source:
        data = taken_before(options.source)
    else:
        data = measure(options)
        write(options.out, json.dumps(data, indent=1) + "\n")
    show(data)
    picture = bars.svg(report.panels(data), "Milliseconds a training step or call: shorter is faster", report.machine_word(data))
    write(os.path.splitext(options.out)[0] + ".svg", picture)
    if options.write_docs:
        write(os.path.join(ROOT, "docs", PICTURE), picture)
        write(os.path.join(ROOT, "docs", "performance.md"), report.document(data, PICTURE))


if __name__ == "__main__":
    main()
