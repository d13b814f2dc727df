"""What compression saves, and what it loses."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from fedcourse.i18n import _
from fedcourse.plots.figure import (
    GREY,
    PALE,
    WIDTH,
    Plot,
    course_style,
    finished,
    require_some,
    set_legend,
    use_percent,
)
from fedcourse.plots.words import in_digits, translated

_MEBIBYTE = 8 * 2**20  # bits


def accuracy_by_cost(
    runs: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    budget: float | None = None,
    target: float | None = None,
) -> Plot:
    """A line a run: accuracy in [0, 1] against all bits sent so far, on a logarithmic scale of mebibytes.

    A run of one point is a large dot. `budget`, in bits, and `target` are dashed lines, and what is within
    both is shaded. Names are translated where the catalogs know them.

    Raises:
      ValueError: there is no run, or one is empty.
    """
    require_some(runs, *(bits for bits, _accuracy in runs.values()))
    lines = {
        translated(name): (np.asarray(bits, dtype=float) / _MEBIBYTE, np.asarray(accuracy, dtype=float))
        for name, (bits, accuracy) in runs.items()
    }
    size_limit = None if budget is None else budget / _MEBIBYTE
    with course_style():
        fig = Figure(figsize=(WIDTH, 4.4))
        ax = fig.subplots()
        for name, (size, accuracy) in lines.items():
            ax.plot(size, accuracy, label=name, markersize=11 if len(size) == 1 else 5, clip_on=False)
        ax.set_xscale("log")
        _draw_limits(ax, size_limit, target)
        use_percent(ax)
        _use_mebibytes(ax)
        ax.set_title(_("accuracy"))
        ax.grid()
        set_legend(fig)
        return finished(fig, _costs_in_words(lines, size_limit, target))


def _draw_limits(ax: Axes, budget: float | None, target: float | None) -> None:
    """Dashed lines at the budget, in mebibytes, and at the target; shaded what is within both."""
    low, high = ax.get_xlim()
    if budget is not None:
        low, high = min(low, 0.8 * budget), max(high, 1.2 * budget)
        ax.axvline(budget, color=GREY, linestyle="--", linewidth=1.2)
    if target is not None:
        ax.axhline(target, color=GREY, linestyle="--", linewidth=1.2)
    if budget is not None and target is not None:
        ax.fill_between([low, budget], target, 1, color=PALE, alpha=0.6, linewidth=0)
    ax.set_xlim(low, high)


def _use_mebibytes(ax: Axes) -> None:
    """Let the x axis, which is logarithmic, show sizes in mebibytes."""
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda size, _position: f"{size:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel(_("sent so far, down and up together (MiB)"))


def _costs_in_words(
    lines: Mapping[str, tuple[np.ndarray, np.ndarray]], budget: float | None, target: float | None
) -> str:
    """Describe the plot: where each line ends, and the limits; sizes are in mebibytes."""
    sentences = [_("Accuracy against all that was sent, in MiB.")]
    one = _("{name}: {accuracy} after {size} MiB.")
    for name, (size, accuracy) in lines.items():
        last = in_digits(accuracy[-1], percent=True)
        sentences.append(one.format(name=name, accuracy=last, size=f"{size[-1]:.3g}"))
    if budget is not None:
        sentences.append(_("The budget is {size} MiB.").format(size=f"{budget:.3g}"))
    if target is not None:
        sentences.append(_("The target is {accuracy}.").format(accuracy=in_digits(target, percent=True)))
    return " ".join(sentences)


def arrived(values: Sequence[float], received: Mapping[str, Sequence[float]]) -> Plot:
    """Dots a name: what arrives against what was sent; a dotted diagonal shows where nothing is lost.

    Raises:
      ValueError: there is no value, or no name.
    """
    require_some(values, received)
    sent = np.asarray(values, dtype=float)
    with course_style():
        fig = Figure(figsize=(WIDTH, 4.0))
        ax = fig.subplots()
        ax.plot(sent, sent, color=GREY, linestyle=":", linewidth=1.2, marker="")
        # Ever smaller, so that dots on top of each other are all in sight.
        sizes = np.linspace(10, 4, max(2, len(received)))
        for (name, row), size in zip(received.items(), sizes, strict=False):
            ax.plot(sent, np.asarray(row, float), linestyle="", markersize=size, label=translated(name))
        ax.set_title(_("what arrives"))
        ax.set_xlabel(_("what was sent"))
        ax.grid(axis="y")
        set_legend(fig)
        sentences = [_("What arrives against what was sent.")]
        one = _("{name}: at most {distance} from the truth.")
        for name, row in received.items():
            distance = f"{np.max(np.abs(np.asarray(row, dtype=float) - sent)):.2g}"
            sentences.append(one.format(name=translated(name), distance=distance))
        return finished(fig, " ".join(sentences))
