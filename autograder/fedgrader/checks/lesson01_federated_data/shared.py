"""What the checks of lesson 1 share."""

import numpy as np

SIDE = 28


def examples(rng: np.random.Generator, labels) -> dict[str, np.ndarray]:
    """A client's examples; image i is filled with the grey value i / 100, so that it can be recognized."""
    labels = np.asarray(labels, np.int32)
    greys = (np.arange(len(labels), dtype=np.float32) / 100)[:, None, None]
    return {"pixels": np.broadcast_to(greys, (len(labels), SIDE, SIDE)).copy(), "labels": labels}


ENDLESS = 200  # batches; no right answer comes near
