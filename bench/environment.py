"""The peers' virtual environment, made once from requirements.txt and again when that changes."""
import os
import shutil
import subprocess
import sys

from measure import say

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = os.path.join(HERE, "requirements.txt")
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


def requirement(name):
    with open(REQUIREMENTS) as file:
        return next(line.strip() for line in file if line.startswith(name + "=="))


def make(folder):
    """The interpreter of the environment in `folder`."""
    python, stamp = os.path.join(folder, "bin", "python"), os.path.join(folder, "requirements.txt")
    with open(REQUIREMENTS) as file:
        wanted = file.read()
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == wanted:
                return python
    say(f"installing the peers in {folder} (once; some 2 GB)")
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    if subprocess.run([*pip, "--retries", "0", "--timeout", "15", "--extra-index-url", "https://pypi.org/simple",
                       "--index-url", TORCH_INDEX, requirement("torch")]).returncode != 0:
        say(f"{TORCH_INDEX} cannot be reached: PyTorch comes from PyPI, with what it brings for graphics cards")
    subprocess.run([*pip, "-r", REQUIREMENTS], check=True)
    shutil.copyfile(REQUIREMENTS, stamp)
    return python
