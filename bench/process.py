"""What whole processes cost: the program from start to end, the library's size, compiling with it."""
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import zlib

from measure import Failed, run, run_json, say

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BUSY = "the loading thread is busy, of the time that training takes"


def predicting(hebb, workload, network, folder, rounds, limit):
    """The program `hebb predict` on a saved network and one image, start to end."""
    model, image, out = (os.path.join(folder, name) for name in (network + ".keras", "image.csv", "out.csv"))
    run([workload, network, "--save", model], limit)
    with open(image, "w") as file:  # one row without a header
        file.write(",".join(str(i * 7 % 256) for i in range(28 * 28)) + "\n")
    runs = [run([hebb, "predict", model, "--input", image, "--output", out], limit) for _ in range(max(10, rounds))]
    return (1e3 * statistics.median(seconds for seconds, _, _ in runs), max(mib for _, mib, _ in runs))


def library_bytes(build, folder):
    """Of the library, linked as a whole and without what debuggers read: as tests/package/size.sh measures it."""
    library = next((os.path.join(build, name) for name in ("libhebb.so", "libhebb.a") if os.path.exists(os.path.join(build, name))), None)
    if library is None:
        raise Failed(f"expected libhebb.a or libhebb.so in {build}. Build it with: ./do build")
    text = subprocess.run(["bash", os.path.join(ROOT, "tests/package/size.sh"), library, str(2 ** 62), os.path.join(folder, "size"), "g++"],
                          capture_output=True, text=True, check=True).stdout
    return int(text.split(":")[-1].split()[0])


def compiling(folder, rounds, limit):
    """Of a program that includes all of hebb, with g++."""
    source = os.path.join(folder, "program.cpp")
    with open(source, "w") as file:
        file.write("#include <hebb/hebb.h>\nint main() { hebb::Sequential model({hebb::Dense(1)}); }\n")
    command = ["g++", "-std=c++20", "-I", ROOT, "-c", source, "-o", os.path.join(folder, "program.o")]
    return statistics.median(run(command, limit)[0] for _ in range(max(3, rounds)))


def an_epoch_of_mnist(hebb, data, folder, limit):
    """The program trains the MNIST network for an epoch: seconds and MiB of the process, data and all."""
    seconds, mib, _ = run([hebb, "train", "mnist-cnn", "--data", data, "--epochs", "1", "--batch-size", "32", "--quiet",
                           "--out", os.path.join(folder, "epoch.keras")], limit)
    return seconds, mib


def lectures_table(build, data, limit):
    """Five networks trained until they stop by themselves, in one process."""
    return run([os.path.join(build, "examples", "lecture_networks"), data, "1"], limit)[0]


def write_images(folder, count):
    """Grey PNG images of 28 x 28, of noise that compresses about as digits do, in ten sub-folders."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    noise = random.Random(1)
    for number in range(count):
        path = os.path.join(folder, str(number % 10))
        os.makedirs(path, exist_ok=True)
        rows = b"".join(b"\0" + bytes(noise.randrange(256) if 4 < x < 23 and noise.random() < 0.4 else 0 for x in range(28)) for _ in range(28))
        with open(os.path.join(path, f"{number}.png"), "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0)) +
                       chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def feeding(build, folder, limit):
    """Rows of how fast images come, and of what training with them costs."""
    images = os.path.join(folder, "images")
    write_images(images, 9600)
    for row in run_json([os.path.join(build, "bench", "feeding"), images], limit)["rows"]:
        yield f"images that come from {row['from']}, loaded alone", row["rate"], "a second"
        yield BUSY, row["busy"], "%"
        yield "the MNIST network's training step is longer with them than with batches in memory by", row["longer"], "%"


def conveniences(build, limit):
    """Rows of what metrics, history, a progress bar and callbacks add to the shortest step."""
    found = run_json([os.path.join(build, "bench", "conveniences")], limit)
    step = "a step of 784-50-10 by `fit` with shuffling, accuracy, history, progress bar and callbacks"
    return [(step, found["fit with all"], "us"),
            ("longer than by `fit` with shuffling alone", found["more than fit, shuffled"], "%"),
            ("longer than by a compiled step in a loop, in order", found["more than loop"], "%")]


def streaming(build, folder, limit):
    """A row for each line of what the program says: training on a file of 4 GB, allocations limited to 512 MiB."""
    text = run([os.path.join(build, "bench", "streaming"), "4", folder], limit)[2]
    found = {line.split("  ")[0]: line for line in text.splitlines()}
    busy, longer, memory = (found[name].split() for name in ("loading thread busy", "a step is longer by", "most memory at once"))
    return [("training on a 4 GB HDF5 file of images, allocations limited to 512 MiB", float(found["training, streamed"].split()[-2]), "MB/s"),
            (BUSY, float(busy[3]), "%"),
            ("its steps are longer than with batches in memory by", float(longer[5]), "%"),
            ("its peak memory", float(memory[4]), "MiB")]


def rows(build, workload, data, rounds, limit, scratch, with_streaming=False):
    """A list of {"what", "value", "unit"}; what fails is said and left out. Files are written below the folder `scratch`."""
    hebb, found = os.path.join(build, "hebb"), []

    def add(what, value, unit):
        say(f"{what}: {value:.4g} {unit}")
        found.append({"what": what, "value": value, "unit": unit})

    os.makedirs(scratch, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="bench-") as folder:
        def predict():
            for network, title in (("cnn", "the saved MNIST network"), ("mlp-500x2", "the saved perceptron 784-500-500-10")):
                milliseconds, mib = predicting(hebb, workload, network, folder, rounds, limit)
                add(f"`hebb predict` on {title} and one image, the whole process", milliseconds, "ms")
                add("its peak memory", mib, "MiB")

        def plans():
            for name, title in (("cnn", "MNIST network, batch 32"), ("resnet20", "ResNet-20, batch 128"),
                                ("resnet50", "ResNet-50, images of 224 x 224, batch 2")):
                # The least: the memory of the first step is in it, and a virtual machine gets its own only when it is touched.
                results = [run_json([workload, name, "--steps", "1", "--repeat", "0"], limit) for _ in range(3)]
                add(f"making the plan of a training step: {title}", min(result["prepare_ms"] for result in results), "ms")

        def cold():
            found = []
            for number in range(3):
                cache = {"HEBB_CACHE_DIR": os.path.join(folder, f"cold-{number}"), "HEBB_TUNE": "always"}
                found.append(run_json([workload, "cnn", "--steps", "1", "--repeat", "0"], limit, cache)["prepare_ms"])
            add("making the plan of a training step: MNIST network, batch 32, with a cold cache (each kernel is measured for the first time)", min(found), "ms")

        def dispatch():
            result = run_json([workload, "infer-nothing"], limit)
            add("a call of `predict_on_batch` that computes next to nothing: layers of 1, 1 and 10 units", result["ms"] * 1e3, "us")

        def extras():
            for row in conveniences(build, limit):
                add(*row)

        def memory():
            if data:
                seconds, mib = an_epoch_of_mnist(hebb, data, folder, limit)
                add("`hebb train mnist-cnn` for an epoch of MNIST, the whole process", seconds, "s")
                add("its peak memory, with the data", mib, "MiB")
                seconds = statistics.median(lectures_table(build, data, limit) for _ in range(max(3, rounds)))
                add("the lectures' table: five networks trained on every tenth image until they stop", seconds, "s")

        def feed():
            for row in feeding(build, folder, limit):
                add(*row)

        def stream():
            for row in streaming(build, folder, max(limit, 600)) if with_streaming else []:
                add(*row)

        def sizes():
            add("the library, stripped", library_bytes(build, folder) / 1e6, "MB")
            add("compiling a program that includes `hebb/hebb.h` with g++", compiling(folder, rounds, limit), "s")

        for part in (predict, plans, cold, dispatch, extras, memory, feed, stream, sizes):
            try:
                part()
            except (Failed, OSError, KeyError, subprocess.CalledProcessError) as failure:
                print(f"left out: {failure}", file=sys.stderr)
    return found
