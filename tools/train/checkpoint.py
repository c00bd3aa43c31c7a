"""The state of a run between two steps, so that it can go on after an interruption as if there had been none."""
import json

import jax
import jax.numpy as jnp
import numpy as np

from texts import replace


def save(path, settings, step, random, state):
    """`state` is a tree of arrays: the parameters and the optimiser's state."""
    leaves = {f"leaf{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree_util.tree_leaves(state))}
    about = json.dumps({"settings": settings, "step": step, "random": random.bit_generator.state})
    replace(path, lambda out: np.savez(out, about=about, **leaves))


def load(path, settings, random, state):
    """The step and the state of the run that `path` has, in the form of `state`; `random` goes on from there."""
    saved = np.load(path)
    about = json.loads(str(saved["about"]))
    different = [name for name in settings if about["settings"].get(name) != settings[name]]
    if different:
        raise SystemExit(f"{path} is of a run with another {', '.join(different)}: remove it, or give another OUT")
    random.bit_generator.state = about["random"]
    leaves, form = jax.tree_util.tree_flatten(state)
    state = jax.tree_util.tree_unflatten(form, [jnp.asarray(saved[f"leaf{i}"]) for i in range(len(leaves))])
    return about["step"], state
