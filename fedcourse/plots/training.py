"""How training goes: curves, means over clients, gradients that are clipped."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fedcourse.i18n import _
from fedcourse.plots.figure import (
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    Plot,
    course_style,
    finished,
    require_some,
    set_legend,
    use_percent,
)
from fedcourse.plots.words import in_digits, translated


def learning_curves(
    curves: Mapping[str, Sequence[float]], ylabel: str = "accuracy", chance: float | None = None
) -> Plot:
    """A line a name: one value a round, the first after round 1; accuracies in [0, 1] are shown in percent.

    Names and `ylabel` are translated where the catalogs know them; `chance` is the level of guessing.

    Raises:
      ValueError: there is no curve, or one is empty.
    """
    require_some(curves, *curves.values())
    values = {translated(name): np.asarray(curve, dtype=float) for name, curve in curves.items()}
    percent = ylabel == "accuracy" and all(((curve >= 0) & (curve <= 1)).all() for curve in values.values())
    with course_style():
        fig = Figure(figsize=(WIDTH, 4.4))
        ax = fig.subplots()
        for name, curve in values.items():
            rounds = np.arange(1, len(curve) + 1)
            ax.plot(rounds, curve, label=name, markevery=max(1, len(curve) // 10), clip_on=False)
        if chance is not None:
            ax.axhline(chance, color=GREY, linestyle=":", linewidth=1.2, label=_("chance"))
        if percent:
            use_percent(ax)
        ax.set_title(translated(ylabel))  # above the axis, where it need not be turned on its side
        _use_rounds(ax)
        ax.grid(axis="y")
        set_legend(fig)
        sentences = [_("Learning curves: {what} by round.").format(what=translated(ylabel))]
        sentences += [_first_and_last(name, curve, percent) for name, curve in values.items()]
        return finished(fig, " ".join(sentences))


def _use_rounds(ax: Axes) -> None:
    """Let the x axis show the numbers of rounds."""
    ax.set_xlabel(_("round"))
    ax.margins(x=0.02)
    ax.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 2, 5, 10], integer=True))


def _first_and_last(name: str, curve: np.ndarray, percent: bool) -> str:
    first, last = (in_digits(value, percent) for value in curve[[0, -1]])
    sentence = _("{name}: from {first} to {last} in {rounds} rounds.")
    return sentence.format(name=name, first=first, last=last, rounds=len(curve))


def weighted_bars(
    values: Mapping[str, float], weights: Mapping[str, float], ylabel: str = "accuracy"
) -> Plot:
    """A bar a name, as high as its value and as wide as its weight: areas add up to the weighted mean.

    Two lines show the mean of the bars' heights and the mean weighted by their widths; values of an accuracy,
    in [0, 1], are shown in percent. `ylabel` is translated where the catalogs know it.

    Raises:
      ValueError: there is no bar.
    """
    require_some(values)
    heights = np.array([values[name] for name in values], dtype=float)
    widths = np.array([weights[name] for name in values], dtype=float)
    means = {_("plain mean"): heights.mean(), _("weighted mean"): heights @ widths / widths.sum()}
    percent = ylabel == "accuracy"
    with course_style():
        fig = Figure(figsize=(WIDTH, 3.6))
        ax = fig.subplots()
        _draw_weighted_bars(ax, list(values), heights, widths, percent)
        for (name, mean), colour, line in zip(means.items(), (VERMILLION, BLUE), ("--", "-"), strict=True):
            ax.axhline(mean, color=colour, linestyle=line, label=f"{name}: {in_digits(mean, percent)}")
        ax.tick_params(axis="x", length=0, labelsize=8)
        ax.margins(x=0.01)
        if percent:
            use_percent(ax)
        ax.set_title(translated(ylabel))
        set_legend(fig, columns=2)
        sentences = [_("Bars as wide as their weight: {what}.").format(what=translated(ylabel))]
        one = _("{name}: {value}, weight {weight}.")
        for name, height, width in zip(values, heights, widths, strict=True):
            value = in_digits(height, percent)
            sentences.append(one.format(name=name, value=value, weight=f"{width:g}"))
        sentences += [f"{name}: {in_digits(mean, percent)}." for name, mean in means.items()]
        return finished(fig, " ".join(sentences))


def _draw_weighted_bars(
    ax: Axes, names: Sequence[str], heights: np.ndarray, widths: np.ndarray, percent: bool
) -> None:
    """A bar a name, side by side, each with its height, float [names], written in it."""
    centres = np.cumsum(widths) - widths / 2
    ax.bar(centres, heights, widths, color=SKY, edgecolor="white", linewidth=1.5)
    for centre, height in zip(centres, heights, strict=True):  # at the foot, where no line crosses it
        text = in_digits(height, percent)
        ax.annotate(text, (centre, 0), (0, 4), textcoords="offset points", ha="center")
    ax.set_xticks(centres, names, rotation=30, ha="right", rotation_mode="anchor")


def arrows(vectors: Mapping[str, Sequence[float]], limit: float) -> Plot:
    """An arrow a name from the origin to its vector (x, y), and a circle of radius `limit` around the origin.

    Names are translated where the catalogs know them.

    Raises:
      ValueError: there is no vector.
    """
    require_some(vectors)
    named = {translated(name): np.asarray(vector, dtype=float) for name, vector in vectors.items()}
    ends = np.stack(list(named.values()))
    with course_style():
        fig = Figure(figsize=(WIDTH, 3.6))
        ax = fig.subplots()
        turn = np.linspace(0, 2 * np.pi, 200)
        ax.plot(limit * np.cos(turn), limit * np.sin(turn), color=GREY, linestyle=":", marker="")
        _draw_arrows(ax, named)
        low, high = np.minimum(ends.min(axis=0), -0.1 * limit), np.maximum(ends.max(axis=0), 1.1 * limit)
        ax.set(xlim=(low[0], 1.05 * high[0]), ylim=(low[1], 1.05 * high[1]), aspect="equal")
        ax.grid()
        set_legend(fig)
        return finished(fig, _arrows_in_words(named, limit))


def _draw_arrows(ax: Axes, vectors: Mapping[str, np.ndarray]) -> None:
    """A line with a marker at its end for each vector (x, y), float [2]."""
    # Long arrows first, so that short ones in the same direction stay in sight.
    looks = cycle(((BLUE, "o"), (VERMILLION, "s"), (GREEN, "D"), (PURPLE, "v")))
    styles = [(name, end, *look) for (name, end), look in zip(vectors.items(), looks, strict=False)]
    for name, end, colour, marker in sorted(styles, key=lambda style: -np.linalg.norm(style[1])):
        ax.plot([0, end[0]], [0, end[1]], color=colour, marker="", linewidth=2.5)
        ax.plot(*end, color=colour, marker=marker, markersize=9, linestyle="", label=name)


def _arrows_in_words(vectors: Mapping[str, np.ndarray], limit: float) -> str:
    """Describe the plot: the radius of the circle, the end and the length of each arrow."""
    sentences = [_("Arrows from the origin, and a circle of radius {radius} around it.").format(radius=limit)]
    arrow = _("{name}: to ({x}, {y}), length {length}.")
    for name, end in vectors.items():
        x, y, length = (f"{value:.3g}" for value in (*end, np.linalg.norm(end)))
        sentences.append(arrow.format(name=name, x=x, y=y, length=length))
    return " ".join(sentences)
