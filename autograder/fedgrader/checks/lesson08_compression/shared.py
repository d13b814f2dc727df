"""What the checks of lesson 8 share."""

import numpy as np

Model = dict[str, np.ndarray]
MODEL_TYPE = "<kernel=float32[4,3],bias=float32[3]>"
MODEL_BITS = 15 * 32
CODE_BITS = 12 * 8 + 2 * 32 + 3 * 32  # levels in a byte each, low and step, and the bias


def models(rng: np.random.Generator, number: int) -> tuple[list[Model], list[Model]]:
    """Models, and what their codes stand for: kernels rounded to 16 levels of a range of their own."""
    models, decoded = [], []
    for _number in range(number):
        low, step = rng.uniform(-3, 0), rng.uniform(0.1, 2)
        levels = rng.permutation([0, 15, *rng.integers(1, 15, size=10)]).reshape(4, 3)
        jitter = np.where((levels == 0) | (levels == 15), 0, rng.choice([-0.3, 0.3], size=(4, 3)))
        bias = rng.normal(size=3).astype(np.float32)
        models.append({"kernel": (low + step * (levels + jitter)).astype(np.float32), "bias": bias})
        decoded.append({"kernel": (low + step * levels).astype(np.float32), "bias": bias})
    return models, decoded
