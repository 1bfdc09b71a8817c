"""Every error of a file, with its full text and exit code; settings are in test_settings."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.sequences import encode, read
from tests.engine.sequences.files_made import TS, npy, npz, zipped

MISSING = "fill it in, or give --missing drop or --missing interpolate"
WORD = "give a number, or leave the cell empty if the value is missing"
DTYPES = "bool, integers and float16/32/64 are read: save it after .astype(float)"
SHAPES = "(steps,), (steps, inputs) or (steps, sequences, inputs) is read: reshape it"
HEADER = "has a damaged .npy header; save the array anew with numpy.save"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"

FILES: list[tuple[str, str | bytes, str]] = [
    ("a.txt", "", "a.txt is empty (0 bytes); give a file with data"),
    ("a.txt", " \n ", "a.txt holds no text; give a file with at least two characters"),
    (
        "a.txt",
        "x",
        "the text is one character (“x”); at least two are needed to predict the next:"
        " add a character",
    ),
    (
        "a.txt",
        "x\ny\0",
        "a.txt: line 2 has a zero byte, so this is no text; give a text file",
    ),
    (
        "a.txt",
        b"x\ny\xe9",
        "a.txt: line 2 has the byte 0xe9, which is not UTF-8; save the file as UTF-8",
    ),
    ("a.txt", "xy".encode("utf-16"), "a.txt is text in UTF-16; save it as UTF-8"),
    (
        "a.txt",
        LFS,
        "a.txt is a Git LFS pointer; fetch the file itself with git lfs pull",
    ),
    ("a.txt", "\n <HTML><p>404", "a.txt is an HTML page; download the file itself"),
    (
        "a.csv",
        pickle.dumps([1.0]),
        "a.csv is a Python pickle, which is never opened; save the numbers alone (.npy, .csv,"
        " .safetensors)",
    ),
    ("a.csv", zipped(a=b"1"), "a.csv is a zip archive or a workbook; export .csv or .npz"),
    (
        "a.csv",
        "a,b\n1,2\n3\n",
        "a.csv: line 3 has 1 cell, but line 1 has 2; give every line as many",
    ),
    ("a.csv", "a,b\n1,2\n3,x\n", f"a.csv: line 3, column b: “x” is a word among numbers; {WORD}"),
    ("a.csv", "1,2\n3,1_0\n", f"a.csv: line 2, column 2: “1_0” is a word among numbers; {WORD}"),
    (
        "a.csv",
        "1,2\n\x1b[2Jx,3\n",
        f"a.csv: line 2, column 1: “U+001B[2Jx” is a word among numbers; {WORD}",
    ),
    (
        "a.csv",
        "a,b\n1,\n3,NaN\n",
        f"a.csv: line 2, column b: the value is missing (2 in all); {MISSING}",
    ),
    (
        "a.csv",
        "a\n1\n\n3\n\n",
        f"a.csv: line 3, column a: the value is missing (1 in all); {MISSING}",
    ),
    (
        "a.csv",
        "a,b\n1,2\n3,-inf\n1e999,3",
        "a.csv: line 3, column b: the value is infinite (2 in all);"
        " finite numbers are allowed: replace it",
    ),
    ("a.csv", "a,b\n", "a.csv holds a header and no rows; give at least one line of data"),
    ("a.csv", "\n\n", "a.csv holds no rows; give at least one line of numbers"),
    (
        "a.csv",
        'a,b\n1,"2\n',
        "a.csv: line 2 is no row of cells (unexpected end of data); check its quotation marks",
    ),
    (
        "a.csv",
        "a,b,c\n1,x,y\n2,x,z",
        "a.csv has 2 text columns (b, c); one can be the label: take the others out,"
        " or give them the role ignore",
    ),
    (
        "a.csv",
        "time,b\n1,x\n2,z",
        "a.csv has no input column of numbers; at least one is needed:"
        " add one, or change a role to input",
    ),
    (
        "a.csv",
        "year,b\n1900,3",
        "a.csv: the series has one step; at least two are needed to predict the next:"
        " add a step, a target or a label",
    ),
    (
        "a.npy",
        pickle.dumps([1.0]),
        "a.npy is a Python pickle, which is never opened, not a numpy array (.npy);"
        " save the numbers alone (.npy, .csv, .safetensors)",
    ),
    ("a.npy", "1,2", "a.npy is not a numpy array (.npy); save the data anew"),
    (
        "a.npy",
        npy(np.array([1, "x"], dtype=object), pickled=True),
        f"a.npy holds Python objects, which are never unpickled; {DTYPES}",
    ),
    ("a.npy", npy(np.zeros(3, [("a", "f8")])), f"a.npy holds records of several fields; {DTYPES}"),
    ("a.npy", npy(np.zeros(3, complex)), f"a.npy holds the type “<c16”; {DTYPES}"),
    (
        "a.npy",
        npy(np.zeros((4, 3)))[:-8],
        "a.npy says (4, 3) of float64, which is 96 bytes, but 88 are stored;"
        " save or download it anew",
    ),
    (
        "a.npy",
        npy(np.zeros((4, 3))).replace(b"(4, 3)", b"(4000000000, 3)"),
        "a.npy says (4000000000, 3) of float64: 12,000,000,000 numbers;"
        " at most 100,000,000 are read: save a part of it",
    ),
    ("a.npy", b"\x93NUMPY\x01\x00\xff\xff{}", f"a.npy {HEADER}"),
    ("a.npy", npy([1.0]).replace(b"shape", b"shade"), f"a.npy {HEADER}"),
    (
        "a.npy",
        b"\x93NUMPY\x07\x00\x01\x00 ",
        "a.npy has an unknown .npy version; save the array anew with numpy.save",
    ),
    ("a.npy", npy(np.zeros((0, 3))), "a.npy has the shape (0, 3), without one number; give some"),
    ("a.npy", npy(3.0), f"a.npy has the shape (); {SHAPES}"),
    ("a.npy", npy(np.zeros((2,) * 4)), f"a.npy has the shape (2, 2, 2, 2); {SHAPES}"),
    (
        "a.npy",
        npy([1, np.nan, 3]),
        f"a.npy: row 2, column 1: the value is missing (1 in all); {MISSING}",
    ),
    (
        "a.npy",
        npy(np.zeros((5_000_001,), bool)),
        "a.npy makes 5,000,001 steps, all of which are read here; at most 5,000,000 are: choose"
        " --readout every or last, to train --batches full",
    ),
    ("a.npz", npy([1.0]), "a.npz is a numpy array, not a zip archive; name it .npy"),
    ("a.npz", zipped(), "a.npz holds no arrays; save at least one with numpy.savez"),
    (
        "a.npz",
        zipped(readme=b"x"),
        "a.npz holds readme; only .npy arrays are read: save it anew with numpy.savez",
    ),
    (
        "a.npz",
        npz(a=[1, 2])[:-30],
        "a.npz is damaged: its end is missing, where a zip has its directory; save or download it"
        " anew",
    ),
    (
        "a.npz",
        zipped(deflate=True, **{"a.npy": b"0" * 10_000_000}),
        "a.npz would grow from 9,841 to 10,000,000 bytes; at most 1,000,000,000 and 200 times its"
        " size are read: split it",
    ),
    (
        "a.npz",
        zipped(**{f"{k}.npy": b"" for k in range(1001)}),
        "a.npz has 1,001 members; at most 1,000 are read: split it",
    ),
    (
        "a.npz",
        npz(weight_ih_l0=np.zeros((4, 2)), weight_hh_l0=np.zeros((4, 1))),
        "a.npz holds the weights of a model (weight_ih_l0, weight_hh_l0), not a sequence;"
        " give its inputs as an array x",
    ),
    (
        "a.npz",
        npz(a=[1, 2], b=np.zeros((4, 2))),
        "a.npz holds series of 1 and of 2 inputs; give every series as many",
    ),
    (
        "a.npz",
        npz(x=np.zeros((5, 2, 3)), zoo=[1]),
        "a.npz holds zoo beside x; allowed are x, lengths, targets, labels: take it out",
    ),
    (
        "a.npz",
        npz(x=np.zeros((5, 2, 3)), lengths=[5, 9]),
        "a.npz: lengths holds 5 … 9; 1 … 5 is allowed",
    ),
    (
        "a.npz",
        npz(x=np.zeros((5, 2, 3)), lengths=[5.0, 2.0]),
        "a.npz: lengths has the shape (2,) of float64; (2,) of integers is needed",
    ),
    (
        "a.npz",
        npz(x=np.zeros((5, 2, 3)), labels=[0, 1, 2]),
        "a.npz: labels has the shape (3,) of int64; (2,) or (5, 2) of integers or words is needed",
    ),
    (
        "a.npz",
        npz(x=np.ones((5, 2, 1)), labels=np.array([0x41, 0xD800], np.uint32).view("U1")),
        "a.npz: labels.npy holds characters that no text has; save it anew with numpy.save",
    ),
    (
        "a.npz",
        npz(x=np.array(["sun", "rain"])),
        "a.npz: x.npy holds the type “<U4”; bool, integers and float16/32/64 are read:"
        " save it after .astype(float)",
    ),
    (
        "a.npz",
        npz(x=np.zeros((5, 2, 3)), targets=np.zeros((3, 1))),
        "a.npz: targets has 3 steps of 1 sequences, but x has 5 of 2;"
        " give targets the shape (steps, sequences, outputs)",
    ),
    (
        "a.npz",
        npz(a=[1, np.inf], b=[np.inf, 2]),
        "a.npz: series 1, row 2, column 1: the value is infinite (1 in all);"
        " finite numbers are allowed: replace it",
    ),
    ("a.ts", "x", "a.ts has no line @data; give a file in the UCR/UEA .ts format"),
    (
        "a.ts",
        "let x = 1\n@data\n1,2:a",
        "a.ts: line 1 is “let x = 1”; before @data only lines with @ or # are allowed",
    ),
    ("a.ts", TS, "a.ts has no series after @data; give at least one line"),
    ("a.ts", TS + "1,2:a\n3:c\n", "a.ts: line 5: “c” is not one of the classes a, b; correct it"),
    (
        "a.ts",
        TS + "1,2:a\n3,4\n",
        "a.ts: line 5 has no numbers before its label; give dimension:…:label",
    ),
    (
        "a.ts",
        TS + "1,2:a\n3,4:3,4:b\n",
        "a.ts: line 5 has 2 dimensions, but line 4 has 1; give every series as many",
    ),
    (
        "a.ts",
        TS + "1,2:4,5:a\n3,4:3:b\n",
        "a.ts: line 5: dimension 2 has 1 values, but dimension 1 has 2;"
        " give every dimension of a line as many",
    ),
    (
        "a.ts",
        TS + "1,?:a\n",
        f"a.ts: line 4, dimension 1, value 2: the value is missing (1 in all); {MISSING}",
    ),
    (
        "a.ts",
        TS + "1,z:a\n",
        "a.ts: line 4, dimension 1, value 2: “z” is a word among numbers; give a number,"
        " or ? if the value is missing",
    ),
    (
        "a.ts",
        "@timeStamps true\n@data\n(1,2):a",
        "a.ts: line 1 announces time stamps; series without them are read:"
        " save it without time stamps",
    ),
    (
        "a.md",
        "x",
        "a.md has the suffix .md; a sequence is .txt, .csv, .tsv, .npy, .npz, .ts,"
        " .json, .jsonl, .png, .jpg, .jpeg, .bmp, .gif, .webp, .wav: save it as one of these",
    ),
    (
        "noext",
        "x",
        "noext has no suffix; a sequence is .txt, .csv, .tsv, .npy, .npz, .ts,"
        " .json, .jsonl, .png, .jpg, .jpeg, .bmp, .gif, .webp, .wav: save it as one of these",
    ),
]


@pytest.mark.parametrize(("name", "content", "message"), FILES)
def test_bad_file(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(Unusable) as caught:
        encode(read(path))
    assert (str(caught.value), caught.value.exit) == (message, 65)


def test_not_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(Unusable, match=r"^folder\.csv is a folder; give the path of a file$"):
        read(tmp_path / "folder.csv")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
        with pytest.raises(Unusable, match=r"^pipe\.csv is not a regular file; give the path"):
            read(tmp_path / "pipe.csv")


def test_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(200_000_001)
    with pytest.raises(Unusable) as caught:
        read(path)
    assert str(caught.value) == (
        "large.csv has 200,000,001 bytes; at most 200,000,000 are read: give a shorter part of it"
    )
