"""What the checks of lesson 9 share."""

import numpy as np

from fedgrader.checks import maths
from fedgrader.checks.maths import Weights


def sizes(rng: np.random.Generator) -> tuple[int, int]:
    """A number of films and one of tastes, unlike the lesson's and unlike each other."""
    return int(rng.integers(8, 13)), int(rng.choice([2, 4, 5, 6]))


def weights(rng: np.random.Generator, films: int, tastes: int) -> Weights:
    return {
        "vectors": rng.normal(0, 0.6, (films, tastes)).astype(np.float32),
        "bias": rng.normal(1, 1.5, films).astype(np.float32),
    }


def state(rng: np.random.Generator, tastes: int, rounds: int) -> dict:
    return {"taste": rng.normal(0, 0.8, tastes).astype(np.float32), "rounds": rounds}


# --- training on one client, in numpy ---


def gradients(weights: Weights, taste: np.ndarray, batch: dict) -> tuple[Weights, np.ndarray]:
    """The gradients of a batch's mean squared error, for the global weights and for the taste."""
    items = batch["item"]
    rows = weights["vectors"][items].astype(float)
    errors = 2 * (rows @ taste + weights["bias"][items] - batch["rating"]) / len(items)
    vectors, bias = np.zeros(weights["vectors"].shape), np.zeros(weights["bias"].shape)
    np.add.at(vectors, items, errors[:, None] * taste)
    np.add.at(bias, items, errors)
    return {"vectors": vectors, "bias": bias}, errors @ rows


def train_taste(weights: Weights, taste: np.ndarray, batches: list[dict], rate: float) -> np.ndarray:
    for batch in batches:
        taste = taste - rate * gradients(weights, taste, batch)[1]
    return taste


def train_films(weights: Weights, taste: np.ndarray, batches: list[dict], rate: float) -> Weights:
    for batch in batches:
        weights = maths.each(lambda w, g: w - rate * g, weights, gradients(weights, taste, batch)[0])
    return weights


def train_both(
    weights: Weights, taste: np.ndarray, batches: list[dict], local_rate: float, global_rate: float
) -> tuple[Weights, np.ndarray]:
    """Both at once, batch by batch."""
    for batch in batches:
        for_films, for_taste = gradients(weights, taste, batch)
        weights = maths.each(lambda w, g: w - global_rate * g, weights, for_films)
        taste = taste - local_rate * for_taste
    return weights, taste
