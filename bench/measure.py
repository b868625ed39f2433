"""Running what is measured: one process at a time, each with a time limit, and what many runs say together."""
import glob
import json
import os
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time


class Failed(Exception):
    """A run that gave no result; the text says why."""


def run(command, limit, more_environment=None):
    """The seconds a command took, its peak memory in MiB and what it wrote. The command and all that it started are ended
    after `limit` seconds: a hung peer must not stall the others."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        begin = time.time()
        environment = {**os.environ, **(more_environment or {}), "BENCH_STARTED": repr(begin)}
        process = subprocess.Popen(command, stdout=out, stderr=errors, env=environment, start_new_session=True)
        handle = os.pidfd_open(process.pid)  # waking at the process's end: asking again and again would round short ones up
        try:
            ended = bool(select.select([handle], [], [], limit)[0])
        finally:
            os.close(handle)
        if not ended:
            os.killpg(process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(process.pid, 0)
        if not ended:
            process.returncode = -signal.SIGKILL  # it is gone: Popen must not wait for it again
            raise Failed(f"{shown(command)}: not done after {limit:.0f} s")
        seconds = time.time() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        text = out.read()
        if process.returncode != 0:
            raise Failed(f"{shown(command)}: status {process.returncode}\n{errors.read()[-600:]}")
        return seconds, usage.ru_maxrss / 1024, text


def shown(command):
    return " ".join(os.path.basename(word) if os.sep in word else word for word in command)


def run_json(command, limit, more_environment=None):
    """What a command says in its last line of JSON."""
    _, _, text = run(command, limit, more_environment)
    lines = [line for line in text.splitlines() if line.startswith("{")]
    if not lines:
        raise Failed(f"{shown(command)}: expected a line of JSON, got:\n{text[-600:]}")
    return json.loads(lines[-1])


def say(text):
    """Progress: on standard error, so that the tables can be piped."""
    print(text, file=sys.stderr, flush=True)


def summarize(runs):
    """Several runs of one workload by one framework: the median, how far the rounds (of one round: its repetitions) lie
    apart, and the rest."""
    medians = [result["ms"] for result in runs]
    varied = medians if len(medians) > 1 else runs[0]["times_ms"]
    summary = {"ms": statistics.median(medians), "low_ms": min(varied), "high_ms": max(varied), "rounds_ms": medians,
               "first_s": statistics.median(result["first_s"] for result in runs),
               "peak_mib": max(result["peak_mib"] for result in runs)}
    if "prepare_ms" in runs[0]:
        summary["prepare_ms"] = statistics.median(result["prepare_ms"] for result in runs)
    return summary


def interleave(workloads, command_of, frameworks, rounds, limit):
    """Every workload by every framework in turn, round after round, so that whatever else the machine does hits all alike.
    `command_of(framework, workload)` gives a command, or None where the framework cannot do it. Returns the summaries, by
    workload and framework, and hebb's kernels by workload."""
    found, kernels = {}, {}
    for workload in workloads:
        runs, given_up = {}, set()
        for number in range(rounds):
            for framework in frameworks:
                command = command_of(framework, workload)
                if command is None or framework in given_up:
                    continue
                try:
                    result = run_json(command, limit)
                except Failed as failure:
                    say(f"left out: {failure}")
                    given_up.add(framework)
                    continue
                runs.setdefault(framework, []).append(result)
                if "kernels" in result:
                    kernels[workload] = result["kernels"]
                say(f"{workload}, {framework}, round {number + 1} of {rounds}: {result['ms']:.4g} ms")
        found[workload] = {framework: summarize(results) for framework, results in runs.items()}
    return found, kernels


def choose_kernels(folder, commands, limit):
    """Makes `folder` the one in which hebb keeps which kernels it found fastest, in all runs from here on. It begins empty,
    and a short run of each command fills it, so that no run that counts has to choose."""
    os.makedirs(folder, exist_ok=True)
    for path in glob.glob(os.path.join(folder, "kernels-*.json")):
        os.remove(path)
    os.environ["HEBB_CACHE_DIR"] = folder
    for command in commands:
        say(f"choosing kernels: {shown(command)}")
        try:
            run([*command, "--steps", "1", "--repeat", "1"], limit, {"HEBB_TUNE": "always"})
        except Failed as failure:
            say(f"kernels not chosen: {failure}")


def shares(kernels):
    """Pairs of a kernel's name and its share of the time of all, those that take longest first."""
    total = sum(microseconds for _, _, _, microseconds in kernels)
    found = {}
    for name, _, _, microseconds in kernels:
        found[name] = found.get(name, 0) + microseconds / total
    return sorted(found.items(), key=lambda item: -item[1])


def floor_ms(kernels, roofline, threads):
    """How fast the machine could run these kernels one after the other: for each the longer of its arithmetic at the peak
    rate and its bytes at the rate of the memory they fit into (the second-level caches of all threads, the third, none)."""
    rates = roofline["threads"][str(threads)]
    seconds = 0.0
    for _, flops, moved, _ in kernels:
        level = "L2" if moved <= roofline["l2_bytes"] * threads else "L3" if moved <= roofline["l3_bytes"] else "DRAM"
        seconds += max(flops / (rates["gflops"] * 1e9), moved / (rates[level]["read"] * 1e9))
    return seconds * 1e3
