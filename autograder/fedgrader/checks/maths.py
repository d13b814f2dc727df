"""What the checks of several lessons compute in numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fedgrader.guest.plain import shape_of

Weights = dict[str, np.ndarray]


def each(function: Callable, *weights: Weights) -> Weights:
    """What `function` makes of the arrays of each name, as float32."""
    return {name: np.asarray(function(*(w[name] for w in weights)), np.float32) for name in weights[0]}


def has_form(got: object, want: Weights) -> bool:
    """Whether it holds arrays of the same names and shapes, in any order."""
    forms = {name: w.shape for name, w in want.items()}
    return isinstance(got, dict) and {name: shape_of(value) for name, value in got.items()} == forms


def is_nan(got: Any) -> bool:
    """Whether it is one number, and that is no number."""
    is_number = isinstance(got, float | np.ndarray) and np.asarray(got).dtype.kind == "f"
    return is_number and shape_of(got) == () and bool(np.isnan(got))


def norm(weights: Weights) -> float:
    """The norm of all numbers together."""
    return float(np.sqrt(sum(np.sum(w.astype(float) ** 2) for w in weights.values())))


def layer_norms(weights: Weights) -> list[float]:
    """The norm of each array."""
    return [norm({name: w}) for name, w in weights.items()]


def scaled_to(weights: Weights, length: float) -> Weights:
    """The same direction, of the norm `length`; zeros, which have no direction, stay zeros."""
    return each(lambda w: w * length / (norm(weights) or 1.0), weights)


def clip(weights: Weights, max_norm: float) -> Weights:
    """The same direction, of a norm of at most `max_norm`."""
    return each(lambda w: w * max_norm / max(norm(weights), max_norm), weights)


def clip_layers(weights: Weights, max_norm: float) -> Weights:
    """Each array with a norm of at most `max_norm`."""
    return {name: clip({name: w}, max_norm)[name] for name, w in weights.items()}


def clip_values(weights: Weights, limit: float) -> Weights:
    """Each number between `-limit` and `limit`."""
    return each(lambda w: np.clip(w, -limit, limit), weights)


# --- a softmax regression: kernel [pixels, classes] and bias [classes] ---


def digits(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """A batch like those of the handwriting: x float32[size, 784] from 0 to 1, y int32[size] from 0 to 9."""
    return {
        "x": rng.random((size, 784), dtype=np.float32),
        "y": rng.integers(0, 10, size).astype(np.int32),
    }


def scores(weights: Weights, x: np.ndarray) -> np.ndarray:
    """The logits of each example, [n, classes]."""
    return x.astype(float) @ weights["kernel"] + weights["bias"]


def softmax(logits: np.ndarray) -> np.ndarray:
    """The probabilities of each example, [n, classes]."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def gradient(weights: Weights, batch: dict, total: bool = False) -> Weights:
    """The gradient of the batch's mean, or `total`, cross-entropy."""
    size = len(batch["y"])
    error = softmax(scores(weights, batch["x"]))
    error[np.arange(size), batch["y"]] -= 1
    error /= 1 if total else size
    return {"kernel": batch["x"].T.astype(float) @ error, "bias": error.sum(axis=0)}
