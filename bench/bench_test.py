#!/usr/bin/env python3
"""Tests of the bench suite's own arithmetic, tables and pictures, on made-up figures; nothing is built or timed."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
import xml.dom.minidom

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import bars  # noqa: E402
import convolutions  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402


def result(ms, low=None, high=None):
    return {"ms": ms, "low_ms": low or ms, "high_ms": high or ms, "rounds_ms": [ms], "first_s": 0.1234, "peak_mib": 66.4, "prepare_ms": 12}


RATES = {"gflops": 100.0, **{level: {"read": rate, "write": rate, "copy": rate} for level, rate in (("L2", 100.0), ("L3", 20.0), ("DRAM", 5.0))}}
DATA = {
    "date": "2026-01-01", "threads": 2, "rounds": 3, "note": "made up",
    "machine": {"cpu": "A & B", "model": "family 6", "cores": 2, "caches": {"L2": "2048K"}, "instructions": ["AVX2"], "memory_gib": 8,
                "system": "Debian", "compiler": "g++"},
    "versions": {"hebb": "abc", "torch": "2.15.0"},
    "roofline": {"target": "AVX2", "l2_bytes": 1000, "l3_bytes": 10000, "threads": {"1": RATES, "2": RATES}},
    "workloads": {
        "mlp-50": {"title": "t", "shares": [["matmul simd", 0.9], ["add simd", 0.1]], "mflop": 8.0, "mib": 2.0, "floor_ms": 0.05, "results": {
            "hebb": result(0.1, 0.09, 0.11), "torch": result(0.4), "keras-tf": result(1.5)}},
        "infer-cnn-1": {"title": "t", "mflop": 100.0, "mib": 1.0, "floor_ms": 1.0, "results": {
            "hebb": result(2.0), "onnxruntime": result(1.0)}}},
    "process": [{"what": "starting", "value": 12.345, "unit": "ms"}],
    "convolutions": [{"layer": "mnist1", "op": "conv", "hebb_ms": 1.0, "onednn_ms": 1.5}],
    "scaling": {"size": [{"workload": "cnn", "axis": "batch", "factor": 2, "ms": 20.0, "mflop": 4200.0, "slowdown": 0.97}],
                "threads": [{"workload": "cnn", "ms": {"1": 20.0, "2": 11.0}, "speedup": 1.82}]},
}


class Measuring(unittest.TestCase):
    def test_a_hung_process_is_ended(self):
        begin = time.time()
        with self.assertRaisesRegex(measure.Failed, "not done after"):
            measure.run(["sh", "-c", "sleep 60 & wait"], 0.3)
        self.assertLess(time.time() - begin, 5)

    def test_a_failure_says_what_was_written(self):
        with self.assertRaisesRegex(measure.Failed, "status 3\n.*broken"):
            measure.run(["sh", "-c", "echo broken >&2; exit 3"], 10)
        with self.assertRaisesRegex(measure.Failed, "expected a line of JSON"):
            measure.run_json(["echo", "nothing"], 10)

    def test_the_last_line_of_json_counts(self):
        self.assertEqual(measure.run_json(["printf", '%s\n', "{", "words", '{"ms": 2}'], 10), {"ms": 2})

    def test_median_of_the_rounds(self):
        runs = [{"ms": ms, "times_ms": [ms], "first_s": 1, "peak_mib": mib} for ms, mib in ((3, 10), (1, 30), (2, 20))]
        found = measure.summarize(runs)
        self.assertEqual((found["ms"], found["low_ms"], found["high_ms"], found["peak_mib"]), (2, 1, 3, 30))
        alone = measure.summarize([{"ms": 2, "times_ms": [1, 2, 5], "first_s": 1, "peak_mib": 1}])
        self.assertEqual((alone["low_ms"], alone["high_ms"]), (1, 5))

    def test_who_fails_once_is_left_out(self):
        asked = []

        def command_of(framework, workload):
            asked.append((framework, workload))
            if framework == "none":
                return None
            return ["false"] if framework == "bad" else ["echo", '{"ms": 1, "times_ms": [1], "first_s": 1, "peak_mib": 1, "kernels": [["k", 1, 2, 3]]}']
        found, kernels = measure.interleave(["a"], command_of, ["good", "bad", "none"], 2, 10)
        self.assertEqual(list(found["a"]), ["good"])
        self.assertEqual(found["a"]["good"]["rounds_ms"], [1, 1])
        self.assertEqual(kernels, {"a": [["k", 1, 2, 3]]})

    def test_kernels_are_chosen_anew_in_a_folder_of_their_own(self):
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch.dict(os.environ):
            for name in ("kernels-1.json", "other"):
                open(os.path.join(folder, name), "w").close()
            # sh takes the options behind as arguments of the program.
            command = ["sh", "-c", 'echo "$HEBB_TUNE $*" >> "$HEBB_CACHE_DIR/said"', "cnn"]
            measure.choose_kernels(folder, [command, ["false"]], 10)
            self.assertEqual(os.environ["HEBB_CACHE_DIR"], folder)
            self.assertEqual(sorted(os.listdir(folder)), ["other", "said"])
            with open(os.path.join(folder, "said")) as file:
                self.assertEqual(file.read(), "always --steps 1 --repeat 1\n")

    def test_shares_add_up_equal_kernels(self):
        kernels = [["a", 0, 0, 1], ["b", 0, 0, 5], ["a", 0, 0, 2]]
        self.assertEqual(measure.shares(kernels), [("b", 5 / 8), ("a", 3 / 8)])

    def test_the_roofline_adds_what_limits_each_kernel(self):
        # 1 us of arithmetic; 1 us from the second level; 1 us from the third; 2 us from beyond.
        kernels = [["k", *cost, 1] for cost in ([100e3, 10], [0, 2000 * 0.5], [0, 1000], [1, 9000], [0, 20000])]
        expected = 1e-3 + 2 * 1000 / 100e6 + 9000 / 20e6 + 20000 / 5e6
        self.assertAlmostEqual(measure.floor_ms(kernels, DATA["roofline"], 2), expected, places=9)


class Reporting(unittest.TestCase):
    def test_tables_are_markdown(self):
        for text in (report.peers_table(DATA), report.start_table(DATA), report.roofline_table(DATA), report.kernels_table(DATA), report.process_table(DATA),
                     report.size_table(DATA), report.threads_table(DATA), report.convolutions_table(DATA), report.machine_table(DATA["roofline"])):
            self.assertEqual(len({line.count("|") for line in text.splitlines()}), 1, text)

    def test_ratio_to_the_fastest_peer(self):
        lines = report.peers_table(DATA).splitlines()
        self.assertIn("4.00 times PyTorch", lines[2])
        self.assertIn("0.1 ± 10 %", lines[2])
        self.assertIn("0.50 times ONNX Runtime", lines[3])

    def test_narrow_types_are_told_from_their_peers(self):
        rows = {"infer-cnn-1-int8": DATA["workloads"]["infer-cnn-1"], "infer-cnn-1": DATA["workloads"]["infer-cnn-1"]}
        data = {**DATA, "workloads": rows}
        narrow, wide = report.peers_table(data).splitlines()[2:]
        self.assertIn("times ONNX Runtime in float32", narrow)
        self.assertNotIn("float32", wide)
        # The roofline is that of float32.
        shares = [row[report.ROOFLINE_HEAD.index("share")] for row in report.roofline_rows(data)]
        self.assertEqual(shares, ["", "50 %"])
        self.assertIn("its peers compute the same network in float32", report.document(data, "x.svg"))
        self.assertNotIn("its peers compute the same network", report.document(DATA, "x.svg"))
        self.assertIn("the others in float32", report.panels(data)[0][1])

    def test_the_page_says_what_was_measured(self):
        self.assertIn("`./do bench --peers --scaling --write-docs` wrote", report.document(DATA, "x.svg"))
        self.assertIn("--scaling --rounds 2 --data MNIST_FOLDER --write-docs`", report.document({**DATA, "rounds": 2, "mnist": True}, "x.svg"))
        alone = {name: value for name, value in {**DATA, "rounds": 1}.items() if name not in ("process", "scaling", "convolutions")}
        self.assertIn("`./do bench --write-docs` wrote", report.document(alone, "x.svg"))
        slow = {"size": [{**DATA["scaling"]["size"][0], "slowdown": 1.2}], "threads": [{"workload": "lstm", "ms": {"1": 2.0, "2": 2.0}, "speedup": 1.0}]}
        page = report.document({**DATA, "scaling": slow}, "x.svg")
        self.assertIn("cnn batch x 2 (1.20)", page)
        loading = [{"what": "the loading thread is busy, of the time", "value": 5, "unit": "%"}]
        self.assertIn("Here 2 of these share\n2 cores with it", report.document({**DATA, "process": loading}, "x.svg"))
        self.assertNotIn("cores with it", page)
        self.assertIn("on: lstm (1.00)", page)
        self.assertNotIn("gain less", report.document(DATA, "x.svg"))
        self.assertIn("HEBB_TUNE=off", report.document({**DATA, "tuning": "off"}, "x.svg"))
        by_us = [{**row, "by": "conv_bench"} for row in DATA["convolutions"]]
        self.assertIn("in one program", report.document({**DATA, "convolutions": by_us}, "x.svg"))

    def test_wrong_calls_are_refused(self):
        for more, said in ((["--from", os.path.join(HERE, "no.json")], "No such file"), (["--from", __file__], "expected JSON"),
                           (["--threads", "0"], "--threads: expected a number above 0, got 0")):
            done = subprocess.run([sys.executable, os.path.join(HERE, "run.py"), *more], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(said, done.stderr)
            self.assertNotIn("Traceback", done.stderr)

    def test_numbers_have_three_digits(self):
        self.assertEqual([bars.number(value) for value in (0.03361, 11.31, 258.4, 1234.5)], ["0.0336 ms", "11.3 ms", "258 ms", "1234 ms"])

    def test_hebb_stands_first_then_the_fastest(self):
        self.assertEqual([name for name, _ in report.panels(DATA)[0][2]], ["hebb", "PyTorch", "Keras, TF"])

    def test_the_picture_is_xml(self):
        xml.dom.minidom.parseString(bars.svg(report.panels(DATA), "a < b", report.machine_word(DATA)))

    def test_convolutions_in_the_words_of_benchdnn(self):
        self.assertEqual(convolutions.problem("mnist2"), "mb32_ic32oc32_ih24oh20kh5sh1ph0")

    def test_figures_taken_before_give_the_same_report(self):
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "before.json")
            with open(source, "w") as file:
                json.dump(DATA, file)
            done = subprocess.run([sys.executable, os.path.join(HERE, "run.py"), "--from", source, "--out", os.path.join(folder, "bench.json")],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(report.peers_table(DATA), done.stdout)
            self.assertTrue(os.path.exists(os.path.join(folder, "bench.svg")))
        page = report.document(DATA, "images/x.svg")
        for heading in ("# Performance", "## Beside its peers", "## Beside the machine", "## Whole processes", "## Scaling", "## Beside oneDNN"):
            self.assertIn(heading, page)


if __name__ == "__main__":
    unittest.main()
