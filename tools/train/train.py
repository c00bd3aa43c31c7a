#!/usr/bin/env python3
"""Trains the upper layers of the default model for late interaction, on a CPU.

    train.py WEIGHTS TOKENIZER SETS WORK OUT.npz

OUT.npz gets the trained layers, OUT.json what they were made of and how. An interrupted run goes on with the same
command: OUT.checkpoint has its state.
"""
import json
import platform
from functools import partial
from importlib.metadata import version
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

import batches
import checkpoint
from data import TRAIN, Data
from loss import WEIGHT, loss
from run import arguments, say, tools
from sets import LICENCES, RULE, Folder
from texts import LENGTH, replace, sha256

REPORT = 25  # Steps.
WARMUP, LAST_RATE = 40, 1e-6
DECAY = 0.01
NUMBERS_RATE = 3e-3  # Of temperature, slope and middle.
TEMPERATURES = 0.008, 0.05


def optimiser(parameters, steps, rate):
    layers = optax.adamw(optax.warmup_cosine_decay_schedule(0, rate, min(WARMUP, steps // 3), steps, LAST_RATE), weight_decay=DECAY)
    labels = {name: jax.tree_util.tree_map(lambda _, name=name: name if name == "layers" else "numbers", part) for name, part in parameters.items()}
    return optax.chain(optax.clip_by_global_norm(1.0), optax.multi_transform({"layers": layers, "numbers": optax.adam(NUMBERS_RATE)}, labels))


def one_step(model, rule):
    """The function (state, batch) -> (state, losses); a state is the parameters and the optimiser's own state."""
    losses = jax.value_and_grad(partial(loss, model.upper), has_aux=True)
    low, high = np.log(TEMPERATURES)

    @jax.jit
    def step(state, batch):
        parameters, inner = state
        (_, parts), gradient = losses(parameters, *batch)
        change, inner = rule.update(gradient, inner, parameters)
        parameters = optax.apply_updates(parameters, change)
        parameters["temperature"] = jnp.clip(parameters["temperature"], low, high)
        return (parameters, inner), parts

    return step


def train(a):
    shared = tools(a)
    model, folder = shared.model, Folder(a.sets)
    start = model.load(a.init) if a.init else model.start
    data = Data(shared, folder, TRAIN, a.only, a.limit, start if a.mine else None)
    drawn = batches.Batches(data, a.seed)
    say("examples:", *(f"{name} {n}" for name, n in drawn.counts().items()))
    record = description(a, shared, folder, data, drawn)
    rule = optimiser(start, a.steps, a.rate)
    step, state, first = one_step(model, rule), (start, rule.init(start)), 0
    saved = a.out.with_suffix(".checkpoint")
    # What a run must have in common with the one that it goes on from.
    settings = {name: record[name] for name in ("settings", "base", "sets", "examples")}
    if saved.exists():
        first, state = checkpoint.load(saved, settings, drawn.random, state)
        say("goes on after step", first)
    seen = []
    for n in range(first + 1, a.steps + 1):
        state, parts = step(state, drawn.next())
        seen.append(np.asarray(parts))
        if n % REPORT == 0 or n == a.steps:
            say(f"step {n}:", *(f"{name} {value:.3f}" for name, value in zip(WEIGHT, np.mean(seen, 0))))
            seen = []
        if n % a.every == 0 or n == a.steps:
            checkpoint.save(saved, settings, n, drawn.random, state)
    replace(a.out, lambda out: model.save(out, state[0]))
    record["file_sha256"] = sha256(a.out)
    replace(a.out.with_suffix(".json"), lambda out: out.write(json.dumps(record, indent=2, ensure_ascii=False).encode() + b"\n"))
    say("wrote", a.out)


def description(a, shared, folder, data, drawn):
    """What the weights are made of and how, for OUT.json."""
    names = ("steps", "seed", "rate", "only", "limit", "mine")
    drawing = {name: getattr(batches, name.upper()) for name in ("answerable", "near", "anything", "translated", "depth")}
    return {
        "settings": {name: getattr(a, name) for name in names} | {"loss": WEIGHT, "batch": drawing, "tokens": LENGTH},
        "base": {**shared.hashes, "init": sha256(a.init) if a.init else None},
        "sets": {name: {"licence": LICENCES[name.split("/")[0]], "sha256": digest} for name, digest in sorted(folder.hashes.items())},
        "examples": drawn.counts(),
        "held_out": RULE,
        "left_out": data.left_out,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in ("jax", "jaxlib", "numpy", "optax", "tokenizers")}},
    }


def main(given=None):
    cli = arguments(__doc__)
    cli.add_argument("out", type=Path, help="an archive .npz, which export.py turns into the file that Footnote reads")
    cli.add_argument("--steps", type=int, default=850)
    cli.add_argument("--seed", type=int, default=5)
    cli.add_argument("--rate", type=float, default=3e-5, help="the highest learning rate of the layers (default: %(default)s)")
    cli.add_argument("--init", type=Path, help="start from the layers of an earlier run instead of the base model's")
    cli.add_argument("--mine", action="store_true", help="find hard negatives with the layers of --init instead of the base model's")
    cli.add_argument("--every", type=int, default=50, help="keep a checkpoint after so many steps (default: %(default)s)")
    a = cli.parse_args(given)
    if a.mine and not a.init:
        cli.error("--mine needs --init")
    train(a)


if __name__ == "__main__":
    main()
