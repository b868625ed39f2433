"""Files as the real tools write them, for the tests of hebb's readers: run it with NumPy 2 and h5py 3 installed.

    python3 tests/goldens/make_files.py            writes tests/goldens/files/

Beside well-formed files it makes hostile HDF5 files, such as only h5py can make.
"""

import pathlib
import zlib

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


def fixed_string_type(size, padding, character_set):
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(size)
    kind.set_strpad(padding)
    kind.set_cset(character_set)
    return kind


def fixed_attribute(group, name, values, kind):
    space = h5py.h5s.create_simple((len(values),))
    attribute = h5py.h5a.create(group.id, name.encode(), kind, space)
    attribute.write(np.array(values, dtype=f"S{kind.get_size()}"), mtype=kind)


def hdf5_file():
    """Everything that model files may hold, and more."""
    with h5py.File(FOLDER / "types.h5", "w") as f:
        for code in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
            for byte_order in "<>":
                f["types/" + code + ("_big" if byte_order == ">" else "")] = array(byte_order + code)
        f["types/bool"] = array("b1")
        f["types/scalar"] = np.int64(7)
        f["types/empty"] = np.zeros((0, 3), "f4")
        bfloat = np.array([1, -2.5, 3e38], "f4").view("u4") >> 16
        f["types/bfloat16"] = bfloat.astype("u2").view("i2")
        f["types/bfloat16"].attrs["dtype"] = "bfloat16"
        f["types/uint64_large"] = np.array([2**64 - 1], "u8")
        f["types/int64_large"] = np.array([2**40], "i8")

        values = np.arange(7 * 5, dtype="f4").reshape(7, 5)
        plain = f.create_group("chunks")
        plain.create_dataset("plain", data=values, chunks=(3, 2))
        plain.create_dataset("gzip", data=values, chunks=(3, 2), compression="gzip")
        plain.create_dataset("shuffle", data=values, chunks=(3, 2), compression="gzip", shuffle=True)
        plain.create_dataset("all", data=values.astype(">f8"), chunks=(4, 5), compression="gzip", shuffle=True, fletcher32=True)
        plain.create_dataset("fletcher", data=values.astype("u1"), chunks=(3, 3), fletcher32=True)
        plain.create_dataset("growing", data=np.arange(3, dtype="i4"), chunks=(1000,), maxshape=(None,))
        plain.create_dataset("deep", data=np.arange(120, dtype="i2").reshape(2, 3, 4, 5), chunks=(1, 2, 3, 4), compression="gzip")
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_layout(h5py.h5d.COMPACT)
        compact = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((3,)), creation)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2, 3], "f4"))

        g = f.create_group("attributes")
        g.attrs["utf8"] = "\u00e9t\u00e9"
        g.attrs.create("ascii", "text", dtype=h5py.string_dtype("ascii"))
        g.attrs["bytes"] = np.bytes_(b"text")
        g.attrs["empty_text"] = ""
        g.attrs["long"] = "x" * 100_000
        g.attrs["list_fixed"] = np.array([b"a", b"bcd", b""])
        g.attrs["list_variable"] = ["a", "bcd", ""]
        g.attrs["list_empty"] = np.array([])
        g.attrs["nothing"] = h5py.Empty("S1")
        g.attrs["number"] = 3
        g.attrs["numbers"] = np.array([1.0, 2.0])
        g.attrs["grid"] = np.array([[b"a"], [b"b"]])
        fixed_attribute(g, "nullterm", [b"ab", b"c"], fixed_string_type(5, h5py.h5t.STR_NULLTERM, h5py.h5t.CSET_UTF8))
        fixed_attribute(g, "spacepad", [b"ab   ", b"c    "], fixed_string_type(5, h5py.h5t.STR_SPACEPAD, h5py.h5t.CSET_ASCII))
        g.attrs["layer_names0"] = np.array([b"a", b"b"])
        g.attrs["layer_names1"] = np.array([b"c"])


def latest_hdf5_file():
    """Headers of objects as they have been since HDF5 1.8, which h5py writes only where it is asked to."""
    with h5py.File(FOLDER / "latest.h5", "w", libver="latest") as f:
        f.attrs["text"] = "in the header"
        few = f.create_group("few", track_order=True)
        for number in range(6):  # of eight at most, so that they stand in the header; in more than one block of it
            few.attrs[f"list{number}"] = [f"{number}", "", "x" * 1000]
        many = f.create_group("many")
        for number in range(20):
            many.attrs[f"text{number}"] = "in an index"
        hundreds = f.create_group("hundreds", track_order=True)
        for number in range(150):  # an index with nodes below its root, and a heap of more than one block
            hundreds.attrs[f"list{number}"] = [f"{number}", "y" * (number % 7)]
        large = f.create_group("large")
        for number in range(9):
            large.attrs[f"list{number}"] = ["z"] * (300 if number == 3 else 1)  # 4.8 kB of places of texts: a huge object of the heap
    with h5py.File(FOLDER / "user_block.h5", "w", userblock_size=512) as f:
        f.attrs["text"] = "behind the user's block"


def hostile_hdf5_file():
    """What a reader must refuse, each under its own name."""
    with h5py.File(FOLDER / "hostile.h5", "w") as f:
        f["target"] = np.zeros(3, "f4")
        f["soft"] = h5py.SoftLink("/target")
        f["dangling"] = h5py.SoftLink("/nowhere")
        f["external"] = h5py.ExternalLink("types.h5", "/types/f4")
        f["group/inner"] = h5py.ExternalLink("types.h5", "/types")
        f["cycle/self"] = f["/"]
        f.create_dataset("external_storage", shape=(8,), dtype="u1", external=[("/etc/hostname", 0, 8)])
        layout = h5py.VirtualLayout(shape=(2, 3), dtype="f4")
        layout[:] = h5py.VirtualSource("types.h5", "types/f4", shape=(2, 3))
        f.create_virtual_dataset("virtual", layout)

        f.create_dataset("never_written", shape=(4, 4), dtype="f4")
        f.create_dataset("shape_bomb", shape=(1 << 20, 1 << 20), dtype="f4")
        f.create_dataset("chunked_shape_bomb", shape=(1 << 20, 1 << 20), dtype="f4", chunks=(64, 64), compression="gzip")
        f.create_dataset("missing_chunks", shape=(8, 8), dtype="u1", chunks=(4, 4))[0:4, 0:8] = 1
        f.create_dataset("wrap", shape=((1 << 62) + 1,), dtype="f4", chunks=(64,))
        f.create_dataset("huge_chunk", data=np.zeros((4, 8), "f4"), chunks=(1 << 11, 1 << 11), maxshape=(None, None),
                         compression="gzip")

        def raw_chunk(name, stored, filters):
            """A dataset of 32 float32 whose one chunk holds these bytes."""
            creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            creation.set_chunk((32,))
            for number in filters:
                creation.set_filter(number, h5py.h5z.FLAG_MANDATORY, (9,) if number == h5py.h5z.FILTER_DEFLATE else ())
            made = h5py.h5d.create(f.id, name.encode(), h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((32,)), creation)
            made.write_direct_chunk((0,), stored)

        deflate, fletcher = h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_FLETCHER32
        raw_chunk("good_chunk", zlib.compress(bytes(128)), [deflate])
        raw_chunk("bomb", zlib.compress(bytes(1 << 20), 9), [deflate])
        raw_chunk("larger_bomb", zlib.compress(bytes(1 << 24), 9), [deflate])
        raw_chunk("stacked_bomb", zlib.compress(zlib.compress(bytes(1 << 24), 9), 9), [deflate, deflate])
        raw_chunk("short_chunk", zlib.compress(bytes(100)), [deflate])
        raw_chunk("cut_chunk", zlib.compress(bytes(range(128)))[:-20], [deflate])
        raw_chunk("noise_chunk", b"not deflated at all", [deflate])
        raw_chunk("wrong_checksum", bytes(128) + b"\1\2\3\4", [fletcher])
        raw_chunk("no_checksum", b"\1", [fletcher])
        raw_chunk("large_chunk", bytes(5000), [])
        raw_chunk("small_chunk", bytes(10), [])
        f.create_dataset("lzf", data=np.zeros(32, "f4"), compression="lzf")
        f.create_dataset("scaleoffset", data=np.zeros(32, "i4"), scaleoffset=0)

        f["compound"] = np.zeros(3, [("a", "f4")])
        f["complex"] = np.zeros(3, "c8")
        f["text"] = ["a", "b"]
        f["references"] = np.array([f["target"].ref], dtype=h5py.ref_dtype)
        f["enumeration"] = np.zeros(3, h5py.enum_dtype({"RED": 0, "GREEN": 1}, "i1"))
        f["nothing"] = h5py.Empty("f4")
        f["many_axes"] = np.zeros((1,) * 9, "f4")
        f["named_type"] = np.dtype("f4")
        odd = h5py.h5t.IEEE_F32LE.copy()
        odd.set_ebias(100)
        h5py.h5d.create(f.id, b"odd_float", odd, h5py.h5s.create_simple((3,))).write(h5py.h5s.ALL, h5py.h5s.ALL, np.ones(3, "f4"))


def main():
    FOLDER.mkdir(exist_ok=True)
    numpy_files()
    hdf5_file()
    latest_hdf5_file()
    hostile_hdf5_file()


if __name__ == "__main__":
    main()
