"""The machine and the versions, so that a figure says where it comes from."""
import glob
import os
import platform
import subprocess


def read(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def output(command, **options):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def caches():
    """Of the first processor: {"L1d": "48K", "L2": "2048K", "L3": "262144K"}."""
    found = {}
    for folder in sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index*")):
        kind, level = read(folder + "/type"), read(folder + "/level")
        if kind != "Instruction" and level:
            found["L" + level + ("d" if kind == "Data" else "")] = read(folder + "/size")
    return found


def described():
    info = {}
    for line in read("/proc/cpuinfo").split("\n\n")[0].splitlines():
        name, _, value = line.partition(":")
        info[name.strip()] = value.strip()
    flags = info.get("flags", "").split()
    instructions = [name for name, flag in (("AVX-512", "avx512f"), ("AVX2", "avx2"), ("VNNI", "avx512_vnni"),
                                            ("bfloat16", "avx512_bf16"), ("AMX", "amx_tile")) if flag in flags]
    memory = [line.split()[1] for line in read("/proc/meminfo").splitlines() if line.startswith("MemTotal:")]
    system = [line.split("=", 1)[1].strip('"') for line in read("/etc/os-release").splitlines() if line.startswith("PRETTY_NAME=")]
    return {"cpu": info.get("model name", platform.processor() or platform.machine()),
            "model": f"family {info.get('cpu family', '?')}, model {info.get('model', '?')}",
            "cores": os.cpu_count(), "caches": caches(), "instructions": instructions,
            "memory_gib": round(int(memory[0]) / 2 ** 20) if memory else None,
            "system": system[0] if system else platform.platform(),
            "compiler": output(["g++", "--version"]).split("\n")[0]}


def versions(python, modules, root):
    """Of hebb and of the peers installed for an interpreter."""
    found = {"hebb": output(["git", "-C", root, "describe", "--always", "--dirty"])}
    if modules:
        program = ("import importlib.metadata as m, sys\n"
                   "for name in sys.argv[1:]:\n"
                   "    try: print(name, m.version(name))\n"
                   "    except m.PackageNotFoundError: pass")
        for line in output([python, "-c", program, *modules]).splitlines():
            name, version = line.split()
            found[name] = version
    return found
