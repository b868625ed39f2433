"""Files as the real tools write them, for the tests of hebb's readers: run it with NumPy 2 and h5py 3 installed.

    python3 tests/goldens/make_files.py            writes tests/goldens/files/

Beside well-formed files it makes hostile HDF5 files, such as only h5py can make.
"""

import io
import os
import pathlib

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).parent / "files"


def array(dtype, shape=(2, 3), order="C"):
    """0, 1, 2, ... less 2 where the type is signed, cast to the type."""
    values = np.arange(int(np.prod(shape))).reshape(shape)
    if np.dtype(dtype).kind in "if":
        values = values - 2
    if np.dtype(dtype).kind == "f":
        values = values / 4
    if np.dtype(dtype).kind == "b":
        values = values % 2
    return np.asarray(values.astype(dtype), order=order)


def numpy_files():
    arrays = {}
    for code in ["b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
        for byte_order in "<>":
            name = code + ("_big" if byte_order == ">" else "")
            arrays[name] = array(byte_order + code)
    arrays["scalar"] = np.float32(2.5)
    arrays["empty"] = np.zeros((0, 3), "f4")
    arrays["fortran"] = array("f4", (2, 3, 4), "F")
    arrays["fortran_big"] = array(">i2", (2, 3, 4), "F")
    arrays["halves"] = np.array([0, -0.0, 1, -2, 65504, 6e-8, 6.1e-5, np.inf, -np.inf, np.nan, 0.1], "f2")
    np.savez(FOLDER / "numpy.npz", **arrays)
    np.savez_compressed(FOLDER / "numpy_compressed.npz", x=np.zeros((100, 100)), y=array("i4"))
    np.save(FOLDER / "plain.npy", array("f4"))


def main():
    FOLDER.mkdir(exist_ok=True)
    numpy_files()


if __name__ == "__main__":
    main()
