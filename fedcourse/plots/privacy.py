"""What differential privacy hides, and what it costs."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from fedcourse.i18n import _
from fedcourse.plots.figure import (
    BLUE,
    GREY,
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


def two_worlds(noise_multipliers: Sequence[float]) -> Plot:
    """A panel a noise multiplier: where a noisy sum falls without one client, and with that client in it.

    The client changes the sum by 1, the clipping norm; each curve is a bell of standard deviation
    `noise_multiplier` around the sum.

    Raises:
      ValueError: there is no noise multiplier.
    """
    require_some(noise_multipliers)
    with course_style():
        fig = Figure(figsize=(WIDTH, 2.8))
        axes = fig.subplots(1, len(noise_multipliers), squeeze=False)[0]
        for ax, stddev in zip(axes, noise_multipliers, strict=True):
            _draw_bells(ax, stddev)
            ax.set_title(_("noise multiplier {value}").format(value=f"{stddev:g}"))
        fig.supxlabel(_("the noisy sum, in units of the clipping norm"), fontsize=10)
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
        alt = _(
            "Pairs of bell curves, one pair for each noise multiplier: {multipliers}. One curve is the "
            "noisy sum without you, the other the noisy sum with you. The larger the multiplier, the more "
            "the two overlap."
        )
        return finished(fig, alt.format(multipliers=", ".join(f"{stddev:g}" for stddev in noise_multipliers)))


def _draw_bells(ax: Axes, stddev: float) -> None:
    """A bell around 0, without the client, and one around 1, with it, as high as each other."""
    x = np.linspace(-3 * stddev, 1 + 3 * stddev, 300)
    for name, centre, colour, linestyle in (
        (_("without you"), 0.0, BLUE, "-"),
        (_("with you"), 1.0, VERMILLION, "--"),
    ):
        density = np.exp(-(((x - centre) / stddev) ** 2) / 2)
        ax.plot(x, density, color=colour, linestyle=linestyle, marker="", label=name)
        ax.fill_between(x, density, color=colour, alpha=0.12, linewidth=0)
    ax.set(ylim=(0, 1.05), yticks=[])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))


def accuracy_by_epsilon(
    runs: Mapping[str, tuple[Sequence[float], Sequence[float]]], best: float | None = None
) -> Plot:
    """A line a name: accuracies in [0, 1] against epsilons, on a logarithmic scale.

    `best` is the accuracy without noise, a dotted line. Names are translated where the catalogs know them.

    Raises:
      ValueError: there is no line, or one is empty.
    """
    require_some(runs, *(epsilons for epsilons, _accuracies in runs.values()))
    lines = {translated(name): points for name, points in runs.items()}
    with course_style():
        fig = Figure(figsize=(WIDTH, 4.4))
        ax = fig.subplots()
        for name, (epsilons, accuracies) in lines.items():
            ax.plot(epsilons, accuracies, label=name, markersize=7, clip_on=False)
        if best is not None:
            ax.axhline(best, color=GREY, linestyle=":", linewidth=1.2, label=_("no noise"))
        _use_epsilons(ax)
        use_percent(ax)
        ax.set_title(_("accuracy"))
        ax.grid()
        set_legend(fig)
        return finished(fig, _epsilons_in_words(lines, best))


def _use_epsilons(ax: Axes) -> None:
    """Let the x axis show epsilons on a logarithmic scale."""
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda epsilon, _position: f"{epsilon:g}"))
    ax.set_xlabel(_("epsilon: less is more private"))


def _epsilons_in_words(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], best: float | None
) -> str:
    """Describe the plot: every point of each line, and the accuracy without noise."""
    sentences = [_("Accuracy against epsilon.")]
    one = _("{name}: {accuracy} at epsilon {epsilon}.")
    for name, points in lines.items():
        for epsilon, accuracy in zip(*points, strict=True):
            shown = in_digits(accuracy, percent=True)
            sentences.append(one.format(name=name, accuracy=shown, epsilon=f"{epsilon:.3g}"))
    if best is not None:
        sentences.append(_("Without noise: {accuracy}.").format(accuracy=in_digits(best, percent=True)))
    return " ".join(sentences)
