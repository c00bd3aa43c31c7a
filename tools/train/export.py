#!/usr/bin/env python3
"""Writes trained layers as Footnote reads them: matrices in eight-bit blocks, everything else in floats.

    export.py TRAINED.npz OUT.safetensors

A matrix is stored as the base model stores it, rows x columns (outputs x inputs), in blocks of 32 along its rows:
`NAME` int8 [rows, columns] and `NAME.scales` half floats [rows, columns / 32]. A weight is its integer times the scale
of its block. Four bits would not do: what training changes is smaller than their step.
"""
import argparse
import hashlib
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

BLOCK = 32


def quantised(matrix):
    rows, columns = matrix.shape
    blocks = matrix.reshape(rows, columns // BLOCK, BLOCK)
    scales = (np.abs(blocks).max(-1) / 127).astype(np.float16)
    step = np.maximum(scales.astype(np.float32), np.finfo(np.float32).tiny)[..., None]
    return np.clip(np.rint(blocks / step), -127, 127).astype(np.int8).reshape(rows, columns), scales


def tensors(trained):
    """The layers of an archive that `train.py` wrote, by their names in the base model's weights."""
    found = {}
    for name, value in trained.items():
        if not name.startswith("l"):
            continue  # The numbers that only training needs.
        if value.ndim == 2:  # Training keeps inputs x outputs.
            found[name], found[f"{name}.scales"] = quantised(np.ascontiguousarray(value.astype(np.float32).T))
        else:
            found[name] = value.astype(np.float32)
    return found


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("trained", type=Path)
    cli.add_argument("out", type=Path)
    a = cli.parse_args()
    save_file(tensors(np.load(a.trained)), a.out, metadata={"format": "footnote trained layers 1"})
    data = a.out.read_bytes()
    print(f'file_sha256 = "{hashlib.sha256(data).hexdigest()}"\nfile_bytes = {len(data)}')


if __name__ == "__main__":
    main()
