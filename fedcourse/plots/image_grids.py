"""Images in rows."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fedcourse.i18n import _
from fedcourse.plots.figure import PALE, WIDTH, Plot, course_style, finished, require_some
from fedcourse.plots.words import translated


def images(images: Sequence[np.ndarray], titles: Sequence[str] | None = None) -> Plot:
    """A row of images, each [height, width], on one scale: 0 is white, large is dark.

    If any value is negative, as weights are, then red is above 0 and blue below.

    Raises:
      ValueError: there is no image.
    """
    require_some(images)
    names = [""] * len(images) if titles is None else [translated(title) for title in titles]
    largest = max(np.max(np.abs(image)) for image in images)
    signed = min(np.min(image) for image in images) < 0
    with course_style():
        fig, axes = image_grid([""], len(images))
        for ax, image, name in zip(axes[0], images, names, strict=True):
            draw_image(ax, image, largest, signed)
            ax.set_title(name, loc="center")
        alt = _("{count} images in a row: {names}.") if titles is not None else _("{count} images in a row.")
        return finished(fig, alt.format(count=len(images), names=", ".join(names)))


def image_grid(row_names: Sequence[str], columns: int) -> tuple[Figure, np.ndarray]:
    """A figure and its bare axes, [rows, columns], the rows named at their left."""
    cell = min(0.9, 0.9 * WIDTH / columns)
    fig = Figure(figsize=(0.1 * WIDTH + cell * columns, 0.5 + cell * len(row_names)))
    axes = fig.subplots(len(row_names), columns, squeeze=False)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    for ax, name in zip(axes[:, 0], row_names, strict=True):
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
    return fig, axes


def draw_image(ax: Axes, image: np.ndarray, largest: float = 1.0, signed: bool = False) -> None:
    """Draw an image, [height, width], on `ax`: white at 0, or in red and blue around 0 if `signed`."""
    colours = {"cmap": "RdBu_r", "vmin": -largest} if signed else {"cmap": "gray_r", "vmin": 0}
    ax.imshow(image, vmax=largest, **colours)
    ax.spines[:].set(visible=True, color=PALE)
