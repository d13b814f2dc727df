"""The course's plots: plain data in, one picture out, in the learner's language, described in words.

Colours are Okabe and Ito's, which colour-blind readers can tell apart (https://jfly.uni-koeln.de/color/);
lines differ in marker too.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from html import escape
from io import BytesIO
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from cycler import cycler
from IPython.display import Image
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator, PercentFormatter

from fedcourse.fonts import CJK_FONT, CJK_LANGUAGES
from fedcourse.i18n import N_, _, current_language

if TYPE_CHECKING:
    import tensorflow_federated as tff

# What lessons call their axes and curves, so that the catalogs have these words.
WORDS = (
    N_("accuracy"),
    N_("loss"),
    N_("seen clients"),
    N_("unseen clients"),
    N_("one client alone"),
    N_("its own pages"),
    N_("strangers"),
    N_("federated"),
    N_("centralized"),
    N_("reported while training"),
    N_("from scratch"),
    N_("wrapped Keras"),
    N_("all clients healthy"),
    N_("one client mad"),
    N_("no defence"),
    N_("clipped gradients"),
    N_("clipped updates"),
    N_("zeroing and clipping"),
    N_("each client counts the same"),
    N_("1 liar among ten"),
    N_("3 liars among ten"),
    N_("5 liars among ten"),
    N_("clipping norm"),
    N_("begins too small"),
    N_("begins too large"),
    N_("gradient"),
    N_("clipped by norm"),
    N_("clipped by value"),
    N_("not compressed"),
    N_("up compressed"),
    N_("both ways compressed"),
    N_("8 bits both ways"),
    N_("yours"),
    N_("to the nearest level"),
    N_("by chance, once"),
    N_("by chance, mean of 400"),
    N_("state kept"),
    N_("state thrown away"),
    N_("states mixed up"),
    N_("reconstructed, 10 passes"),
    N_("no noise"),
    N_("noise multiplier 0.3"),
    N_("noise multiplier 1"),
    N_("noise multiplier 2"),
    N_("noise multiplier 4"),
    N_("32 users, 16 a round"),
    N_("10,000 users, 50 a round"),
    N_("1,000,000 users, 100 a round"),
)

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, ORANGE, BLACK = "#56B4E9", "#E69F00", "#000000"
GREY, PALE = "#666666", "#DDDDDD"
WIDTH = 8.0  # inches of 96 pixels: fits the column of a notebook
PIXELS_PER_INCH = 96
STYLE = {
    "figure.dpi": PIXELS_PER_INCH,
    "figure.facecolor": "white",  # opaque, so that dark themes can show it
    "savefig.dpi": 2 * PIXELS_PER_INCH,  # sharp on dense screens
    "figure.constrained_layout.use": True,
    "figure.titlesize": 12,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": GREY,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(linestyle=["-", "--", "-."])
    * (
        cycler(color=[BLUE, VERMILLION, GREEN, PURPLE, SKY, ORANGE, BLACK])
        + cycler(marker=["o", "s", "^", "D", "v", "P", "X"])
    ),
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "legend.frameon": False,
    "text.parse_math": False,  # math text has no Chinese or Korean glyphs, and client ids may hold a "$"
}


class Plot(Image):
    """A PNG that shows itself once, described by `alt` for those who cannot see it.

    JupyterLab and nbconvert drop the description of a bare PNG; they keep that of an `<img>`.
    """

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(include, exclude)
        source = f"data:image/png;base64,{data['image/png']}"
        html = f'<img src="{source}" alt="{escape(self.alt)}" width="{self.width}" style="max-width: 100%">'
        return data | {"text/html": html, "text/plain": self.alt}, metadata


def client_examples(
    client_data: "tff.simulation.datasets.ClientData", client_ids: Sequence[str], num_examples: int = 8
) -> Plot:
    """One row a client: its first `num_examples` images, float [28, 28] with 0 = paper and 1 = ink.

    Raises:
      ValueError: there is no client.
    """
    _require_some(client_ids)
    with _style():
        fig, axes = _image_grid(client_ids, num_examples)
        labels = {}
        for row, client_id in zip(axes, client_ids, strict=True):
            examples = list(islice(_examples(client_data, client_id), num_examples))
            labels[client_id] = " ".join(str(label) for _pixels, label in examples)
            for ax, (pixels, _label) in zip(row, examples, strict=False):
                _draw(ax, pixels)
        _title(fig, _("The first images of each client"))
        described = "; ".join(f"{client_id}: {shown}" for client_id, shown in labels.items())
        alt = _("A row of handwritten digits for each client. Their labels: {labels}.")
        return _shown(fig, alt.format(labels=described))


def label_counts(counts: Mapping[str, Sequence[int]]) -> Plot:
    """A bar chart a client: how many examples, integer [labels], it has of each label 0, 1, ...

    Raises:
      ValueError: there is no client.
    """
    _require_some(counts, *counts.values())
    columns = min(len(counts), 5)
    rows = -(-len(counts) // columns)
    with _style():
        fig = Figure(figsize=(WIDTH, 0.9 + 1.3 * rows))
        axes = fig.subplots(rows, columns, sharey=True, squeeze=False).flat
        for (client_id, count), ax in zip(counts.items(), axes, strict=False):
            _bars(ax, np.asarray(count))
            ax.set_title(client_id)
        for unused in axes:
            unused.set_axis_off()
        _title(fig, _("How many examples of each label a client has"))
        fig.supxlabel(_("label"), fontsize=10)
        sentences = [_("Bar charts of how many examples of each label the clients have.")]
        sentences += [_most_frequent(client_id, np.asarray(count)) for client_id, count in counts.items()]
        return _shown(fig, " ".join(sentences))


def mean_images(
    client_data: "tff.simulation.datasets.ClientData",
    client_ids: Sequence[str],
    labels: Iterable[int] = range(10),
) -> Plot:
    """A row a client and a column a label: the mean of its images, [28, 28]; a dash where it has none.

    Raises:
      ValueError: there is no client or no label.
    """
    labels = list(labels)
    _require_some(client_ids, labels)
    with _style():
        fig, axes = _image_grid(client_ids, len(labels))
        missing = {}
        for row, client_id in zip(axes, client_ids, strict=True):
            means = _means(client_data, client_id)
            missing[client_id] = [label for label in labels if label not in means]
            for ax, label in zip(row, labels, strict=True):
                if label in means:
                    _draw(ax, means[label])
                else:
                    ax.annotate("–", (0.5, 0.5), xycoords="axes fraction", size=14, ha="center", va="center")
        for ax, label in zip(axes[0], labels, strict=True):
            ax.set_title(label, loc="center")
        _title(fig, _("The mean image of each label, client by client"))
        sentences = [_("A row of mean images for each client, a column for each label.")]
        for client_id, lacking in missing.items():
            if lacking:
                no_example = _("{client} has no example of {labels}.")
                sentences.append(no_example.format(client=client_id, labels=", ".join(map(str, lacking))))
        return _shown(fig, " ".join(sentences))


def learning_curves(
    curves: Mapping[str, Sequence[float]], ylabel: str = "accuracy", chance: float | None = None
) -> Plot:
    """A line a name: one value a round, the first after round 1; accuracies in [0, 1] are shown in percent.

    Names and `ylabel` are translated where the catalogs know them; `chance` is the level of guessing.

    Raises:
      ValueError: there is no curve, or one is empty.
    """
    _require_some(curves, *curves.values())
    values = {_translated(name): np.asarray(curve, dtype=float) for name, curve in curves.items()}
    percent = ylabel == "accuracy" and all(((curve >= 0) & (curve <= 1)).all() for curve in values.values())
    with _style():
        fig = Figure(figsize=(WIDTH, 4.4))
        ax = fig.subplots()
        for name, curve in values.items():
            rounds = np.arange(1, len(curve) + 1)
            ax.plot(rounds, curve, label=name, markevery=max(1, len(curve) // 10), clip_on=False)
        if chance is not None:
            ax.axhline(chance, color=GREY, linestyle=":", linewidth=1.2, label=_("chance"))
        if percent:
            ax.set_ylim(0, 1)
            ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.set_title(_translated(ylabel))  # above the axis, where it need not be turned on its side
        ax.set_xlabel(_("round"))
        ax.margins(x=0.02)
        ax.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 2, 5, 10], integer=True))
        ax.grid(axis="y")
        fig.legend(loc="outside upper left", ncols=3)
        sentences = [_("Learning curves: {what} by round.").format(what=_translated(ylabel))]
        sentences += [_first_and_last(name, curve, percent) for name, curve in values.items()]
        return _shown(fig, " ".join(sentences))


def images(images: Sequence[np.ndarray], titles: Sequence[str] | None = None) -> Plot:
    """A row of images, each [height, width], on one scale: 0 is white, large is dark.

    If any value is negative, as weights are, then red is above 0 and blue below.

    Raises:
      ValueError: there is no image.
    """
    _require_some(images)
    names = [""] * len(images) if titles is None else [_translated(title) for title in titles]
    largest = max(np.max(np.abs(image)) for image in images)
    signed = min(np.min(image) for image in images) < 0
    with _style():
        fig, axes = _image_grid([""], len(images))
        for ax, image, name in zip(axes[0], images, names, strict=True):
            _draw(ax, image, largest, signed)
            ax.set_title(name, loc="center")
        alt = _("{count} images in a row: {names}.") if titles is not None else _("{count} images in a row.")
        return _shown(fig, alt.format(count=len(images), names=", ".join(names)))


def arrows(vectors: Mapping[str, Sequence[float]], limit: float) -> Plot:
    """An arrow a name from the origin to its vector (x, y), and a circle of radius `limit` around the origin.

    Names are translated where the catalogs know them.

    Raises:
      ValueError: there is no vector.
    """
    _require_some(vectors)
    named = {_translated(name): np.asarray(vector, dtype=float) for name, vector in vectors.items()}
    ends = np.stack(list(named.values()))
    with _style():
        fig = Figure(figsize=(WIDTH, 3.6))
        ax = fig.subplots()
        turn = np.linspace(0, 2 * np.pi, 200)
        ax.plot(limit * np.cos(turn), limit * np.sin(turn), color=GREY, linestyle=":", marker="")
        # Long arrows first, so that short ones in the same direction stay in sight.
        looks = cycle(((BLUE, "o"), (VERMILLION, "s"), (GREEN, "D"), (PURPLE, "v")))
        styles = [(name, end, *look) for (name, end), look in zip(named.items(), looks, strict=False)]
        for name, end, colour, marker in sorted(styles, key=lambda style: -np.linalg.norm(style[1])):
            ax.plot([0, end[0]], [0, end[1]], color=colour, marker="", linewidth=2.5)
            ax.plot(*end, color=colour, marker=marker, markersize=9, linestyle="", label=name)
        low, high = np.minimum(ends.min(axis=0), -0.1 * limit), np.maximum(ends.max(axis=0), 1.1 * limit)
        ax.set(xlim=(low[0], 1.05 * high[0]), ylim=(low[1], 1.05 * high[1]), aspect="equal")
        ax.grid()
        fig.legend(loc="outside upper left", ncols=3)
        sentences = [
            _("Arrows from the origin, and a circle of radius {radius} around it.").format(radius=limit)
        ]
        arrow = _("{name}: to ({x}, {y}), length {length}.")
        for name, end in named.items():
            x, y, length = (f"{value:.3g}" for value in (*end, np.linalg.norm(end)))
            sentences.append(arrow.format(name=name, x=x, y=y, length=length))
        return _shown(fig, " ".join(sentences))


def readings(readings: Mapping[str, Sequence[float]], threshold: float | None = None) -> Plot:
    """A row of dots a client, one dot a temperature in degrees Celsius, and a bar at the client's mean.

    Readings above `threshold`, a dashed line, are of another colour and form. A client may have no reading.

    Raises:
      ValueError: there is no client.
    """
    _require_some(readings)
    values = {client_id: np.asarray(list(row), dtype=float) for client_id, row in readings.items()}
    limit = np.inf if threshold is None else threshold
    with _style():
        fig = Figure(figsize=(WIDTH, 1.0 + 0.34 * len(values)))
        ax = fig.subplots()
        for height, row in enumerate(values.values()):
            _dots(ax, height, row[row <= limit], BLUE, "o")
            _dots(ax, height, row[row > limit], VERMILLION, "^")
            if len(row):
                ax.plot(
                    [row.mean()] * 2, [height - 0.36, height + 0.36], color=BLACK, linestyle="-", marker=""
                )
        if threshold is not None:
            ax.axvline(threshold, color=GREY, linestyle="--", linewidth=1.2)
        ax.set_yticks(range(len(values)), list(values))
        ax.set_ylim(len(values) - 0.4, -0.6)  # the first client on top
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(_("temperature (°C)"))
        ax.grid(axis="x")
        _title(fig, _("Each client's readings; the bar is the client's mean"))
        return _shown(fig, _readings_in_words(values, threshold))


def traffic(down: Sequence[str], up: Sequence[str]) -> Plot:
    """The server above three clients: `down` and `up` are the types that cross the network between them."""
    with _style():
        fig = Figure(figsize=(WIDTH, 2.6))
        ax = fig.subplots()
        ax.set(xlim=(0, 10), ylim=(0, 4))
        ax.set_axis_off()
        _label(ax, 5, 3.5, _("server"), BLUE)
        for x in (1.5, 5, 8.5):
            _label(ax, x, 0.5, _("client"), GREEN)
            for types, shift, tail, head, colour in ((down, -0.25, 3, 1, BLUE), (up, 0.25, 1, 3, VERMILLION)):
                if types:
                    at_server = 5 + (x - 5) * 0.2 + shift
                    ends = {3: (at_server, 3), 1: (x + shift, 1)}
                    line = {"arrowstyle": "->", "color": colour, "linewidth": 1.6, "shrinkA": 2, "shrinkB": 2}
                    ax.annotate("", ends[head], ends[tail], arrowprops=line)
        for name, types, x, colour, side in (
            (_("down: {types}"), down, 0, BLUE, "left"),
            (_("up: {types}"), up, 10, VERMILLION, "right"),
        ):
            label = name.format(types=", ".join(types) or "–")
            ax.annotate(label, (x, 3.5), color=colour, ha=side, va="center", annotation_clip=False)
        _title(fig, _("What crosses the network"))
        alt = _("The server above three clients. Down to each client: {down}. Up from each client: {up}.")
        return _shown(fig, alt.format(down=", ".join(down) or "–", up=", ".join(up) or "–"))


def placements(server: str, clients: Mapping[str, str], down: str = "", up: str = "") -> Plot:
    """Who has what, and what moves: the server above, the clients below, arrows with types between them.

    `server` and `clients` (by name) say what each has, in a few lines; `down` is the type that is broadcast,
    `up` the type that the clients send, and without one there is no such arrow.

    Raises:
      ValueError: there is no client.
    """
    _require_some(clients)
    with _style():
        fig = Figure(figsize=(WIDTH, 3.9))
        ax = fig.subplots()
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.set_axis_off()
        places = (np.arange(len(clients)) + 0.5) / len(clients)
        _box(ax, 0.5, 0.86, 0.36, _("server"), server)
        for place, (name, holding) in zip(places, clients.items(), strict=True):
            _box(ax, place, 0.14, 0.86 / len(clients), name, holding)
            above, below = (0.5 + (place - 0.5) * 0.42, 0.71), (place, 0.29)
            # Solid and dashed, so that down and up differ in more than colour.
            if down:
                _arrow(ax, above, below, -0.012, BLUE, "-")
            if up:
                _arrow(ax, below, above, 0.012, VERMILLION, (0, (4, 2)))
        if down:
            ax.text(0, 0.86, _("broadcast") + f"\n{down}", color=BLUE, ha="left", va="center", fontsize=9)
        if up:
            ax.text(1, 0.86, _("upload") + f"\n{up}", color=VERMILLION, ha="right", va="center", fontsize=9)
        _title(fig, _("Who has what, and what moves"))
        shows = _("A picture of the server above its clients. The server has {value}.")
        sentences = [shows.format(value=server)]
        has = _("{client} has {value}.")
        sentences += [has.format(client=name, value=holding) for name, holding in clients.items()]
        if down:
            sentences.append(_("An arrow down to each client is labelled {type}.").format(type=down))
        if up:
            sentences.append(_("An arrow up from each client is labelled {type}.").format(type=up))
        return _shown(fig, " ".join(sentences).replace("\n", ", "))


def _box(ax: Axes, x: float, y: float, width: float, name: str, holding: str) -> None:
    """A rounded box around (x, y) with a name in it and, below, what its owner has."""
    corner, height = (x - width / 2, y - 0.11), 0.22
    shape = {"boxstyle": "round,pad=0.01,rounding_size=0.03", "facecolor": "#F4F4F4", "edgecolor": GREY}
    ax.add_patch(FancyBboxPatch(corner, width, height, **shape))
    ax.text(x, y + 0.055, name, ha="center", va="center", fontsize=12)
    ax.text(x, y - 0.035, holding, ha="center", va="center", fontsize=9)


def _label(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": colour, "linewidth": 1.6}
    ax.annotate(text, (x, y), ha="center", va="center", bbox=box)


def _arrow(ax: Axes, start: tuple, end: tuple, shift: float, colour: str, linestyle: Any) -> None:
    """An arrow from `start` to `end`, moved sideways by `shift`."""
    look = {"arrowstyle": "->", "linewidth": 1.6, "color": colour, "linestyle": linestyle}
    (x0, y0), (x1, y1) = start, end
    ax.annotate("", (x1 + shift, y1), (x0 + shift, y0), arrowprops=look | {"shrinkA": 0, "shrinkB": 0})


def weighted_bars(
    values: Mapping[str, float], weights: Mapping[str, float], ylabel: str = "accuracy"
) -> Plot:
    """A bar a name, as high as its value and as wide as its weight: areas add up to the weighted mean.

    Two lines show the mean of the bars' heights and the mean weighted by their widths; values of an accuracy,
    in [0, 1], are shown in percent. `ylabel` is translated where the catalogs know it.

    Raises:
      ValueError: there is no bar.
    """
    _require_some(values)
    heights = np.array([values[name] for name in values], dtype=float)
    widths = np.array([weights[name] for name in values], dtype=float)
    means = {_("plain mean"): heights.mean(), _("weighted mean"): heights @ widths / widths.sum()}
    percent = ylabel == "accuracy"
    with _style():
        fig = Figure(figsize=(WIDTH, 3.6))
        ax = fig.subplots()
        centres = np.cumsum(widths) - widths / 2
        ax.bar(centres, heights, widths, color=SKY, edgecolor="white", linewidth=1.5)
        for (name, mean), colour, line in zip(means.items(), (VERMILLION, BLUE), ("--", "-"), strict=True):
            ax.axhline(mean, color=colour, linestyle=line, label=f"{name}: {_shown_value(mean, percent)}")
        for centre, height in zip(centres, heights, strict=True):  # at the foot, where no line crosses it
            text = _shown_value(height, percent)
            ax.annotate(text, (centre, 0), (0, 4), textcoords="offset points", ha="center")
        ax.set_xticks(centres, values, rotation=30, ha="right", rotation_mode="anchor")
        ax.tick_params(axis="x", length=0, labelsize=8)
        ax.margins(x=0.01)
        if percent:
            ax.set_ylim(0, 1)
            ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.set_title(_translated(ylabel))
        fig.legend(loc="outside upper left", ncols=2)
        sentences = [_("Bars as wide as their weight: {what}.").format(what=_translated(ylabel))]
        one = _("{name}: {value}, weight {weight}.")
        for name, height, width in zip(values, heights, widths, strict=True):
            value = _shown_value(height, percent)
            sentences.append(one.format(name=name, value=value, weight=f"{width:g}"))
        sentences += [f"{name}: {_shown_value(mean, percent)}." for name, mean in means.items()]
        return _shown(fig, " ".join(sentences))


def two_worlds(noise_multipliers: Sequence[float]) -> Plot:
    """A panel a noise multiplier: where a noisy sum falls without one client, and with that client in it.

    The client changes the sum by 1, the clipping norm; each curve is a bell of standard deviation
    `noise_multiplier` around the sum.

    Raises:
      ValueError: there is no noise multiplier.
    """
    _require_some(noise_multipliers)
    with _style():
        fig = Figure(figsize=(WIDTH, 2.8))
        axes = fig.subplots(1, len(noise_multipliers), squeeze=False)[0]
        worlds = ((_("without you"), 0.0, BLUE, "-"), (_("with you"), 1.0, VERMILLION, "--"))
        for ax, stddev in zip(axes, noise_multipliers, strict=True):
            x = np.linspace(-3 * stddev, 1 + 3 * stddev, 300)
            for name, centre, colour, linestyle in worlds:
                density = np.exp(-(((x - centre) / stddev) ** 2) / 2)
                ax.plot(x, density, color=colour, linestyle=linestyle, marker="", label=name)
                ax.fill_between(x, density, color=colour, alpha=0.12, linewidth=0)
            ax.set(ylim=(0, 1.05), yticks=[])
            ax.spines["left"].set_visible(False)
            ax.set_title(_("noise multiplier {value}").format(value=f"{stddev:g}"))
            ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        fig.supxlabel(_("the noisy sum, in units of the clipping norm"), fontsize=10)
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
        alt = _(
            "Pairs of bell curves, one pair for each noise multiplier: {multipliers}. One curve is the "
            "noisy sum without you, the other the noisy sum with you. The larger the multiplier, the more "
            "the two overlap."
        )
        return _shown(fig, alt.format(multipliers=", ".join(f"{stddev:g}" for stddev in noise_multipliers)))


def accuracy_by_epsilon(
    runs: Mapping[str, tuple[Sequence[float], Sequence[float]]], best: float | None = None
) -> Plot:
    """A line a name: accuracies in [0, 1] against epsilons, on a logarithmic scale.

    `best` is the accuracy without noise, a dotted line. Names are translated where the catalogs know them.

    Raises:
      ValueError: there is no line, or one is empty.
    """
    _require_some(runs, *(epsilons for epsilons, _accuracies in runs.values()))
    lines = {_translated(name): points for name, points in runs.items()}
    with _style():
        fig = Figure(figsize=(WIDTH, 4.4))
        ax = fig.subplots()
        for name, (epsilons, accuracies) in lines.items():
            ax.plot(epsilons, accuracies, label=name, markersize=7, clip_on=False)
        if best is not None:
            ax.axhline(best, color=GREY, linestyle=":", linewidth=1.2, label=_("no noise"))
        ax.set(xscale="log", ylim=(0, 1))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.xaxis.set_major_locator(LogLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda epsilon, _position: f"{epsilon:g}"))
        ax.set_title(_("accuracy"))
        ax.set_xlabel(_("epsilon: less is more private"))
        ax.grid()
        fig.legend(loc="outside upper left", ncols=3)
        sentences = [_("Accuracy against epsilon.")]
        one = _("{name}: {accuracy} at epsilon {epsilon}.")
        for name, points in lines.items():
            for epsilon, accuracy in zip(*points, strict=True):
                shown = _shown_value(accuracy, percent=True)
                sentences.append(one.format(name=name, accuracy=shown, epsilon=f"{epsilon:.3g}"))
        if best is not None:
            sentences.append(
                _("Without noise: {accuracy}.").format(accuracy=_shown_value(best, percent=True))
            )
        return _shown(fig, " ".join(sentences))


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
    _require_some(runs, *(bits for bits, _accuracy in runs.values()))
    mebi = 8 * 2**20
    lines = {
        _translated(name): (np.asarray(bits, dtype=float) / mebi, np.asarray(accuracy, dtype=float))
        for name, (bits, accuracy) in runs.items()
    }
    with _style():
        fig = Figure(figsize=(WIDTH, 4.4))
        ax = fig.subplots()
        for name, (size, accuracy) in lines.items():
            ax.plot(size, accuracy, label=name, markersize=11 if len(size) == 1 else 5, clip_on=False)
        ax.set_xscale("log")
        low, high = ax.get_xlim()
        if budget is not None:
            low, high = min(low, 0.8 * budget / mebi), max(high, 1.2 * budget / mebi)
            ax.axvline(budget / mebi, color=GREY, linestyle="--", linewidth=1.2)
        if target is not None:
            ax.axhline(target, color=GREY, linestyle="--", linewidth=1.2)
        if budget is not None and target is not None:
            ax.fill_between([low, budget / mebi], target, 1, color=PALE, alpha=0.6, linewidth=0)
        ax.set(xlim=(low, high), ylim=(0, 1))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda size, _position: f"{size:g}"))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_title(_("accuracy"))
        ax.set_xlabel(_("sent so far, down and up together (MiB)"))
        ax.grid()
        fig.legend(loc="outside upper left", ncols=3)
        sentences = [_("Accuracy against all that was sent, in MiB.")]
        one = _("{name}: {accuracy} after {size} MiB.")
        for name, (size, accuracy) in lines.items():
            last = _shown_value(accuracy[-1], percent=True)
            sentences.append(one.format(name=name, accuracy=last, size=f"{size[-1]:.3g}"))
        if budget is not None:
            sentences.append(_("The budget is {size} MiB.").format(size=f"{budget / mebi:.3g}"))
        if target is not None:
            sentences.append(
                _("The target is {accuracy}.").format(accuracy=_shown_value(target, percent=True))
            )
        return _shown(fig, " ".join(sentences))


def arrived(values: Sequence[float], received: Mapping[str, Sequence[float]]) -> Plot:
    """Dots a name: what arrives against what was sent; a dotted diagonal shows where nothing is lost.

    Raises:
      ValueError: there is no value, or no name.
    """
    _require_some(values, received)
    sent = np.asarray(values, dtype=float)
    with _style():
        fig = Figure(figsize=(WIDTH, 4.0))
        ax = fig.subplots()
        ax.plot(sent, sent, color=GREY, linestyle=":", linewidth=1.2, marker="")
        # Ever smaller, so that dots on top of each other are all in sight.
        sizes = np.linspace(10, 4, max(2, len(received)))
        for (name, row), size in zip(received.items(), sizes, strict=False):
            ax.plot(sent, np.asarray(row, float), linestyle="", markersize=size, label=_translated(name))
        ax.set_title(_("what arrives"))
        ax.set_xlabel(_("what was sent"))
        ax.grid(axis="y")
        fig.legend(loc="outside upper left", ncols=3)
        sentences = [_("What arrives against what was sent.")]
        one = _("{name}: at most {distance} from the truth.")
        for name, row in received.items():
            distance = f"{np.max(np.abs(np.asarray(row, dtype=float) - sent)):.2g}"
            sentences.append(one.format(name=_translated(name), distance=distance))
        return _shown(fig, " ".join(sentences))


def _require_some(*collections: Any) -> None:
    if not all(len(collection) for collection in collections):
        raise ValueError(_("There is nothing to plot: pass at least one client, label, curve or image."))


def _translated(text: str) -> str:
    return _(text) if text else ""  # gettext answers the empty string with the header of its catalog


def _examples(client_data: Any, client_id: str) -> Iterable[tuple[np.ndarray, int]]:
    dataset = client_data.create_tf_dataset_for_client(client_id)
    return ((example["pixels"], int(example["label"])) for example in dataset.as_numpy_iterator())


def _means(client_data: Any, client_id: str) -> dict[int, np.ndarray]:
    """The mean image, [28, 28], of every label that the client has."""
    by_label: dict[int, list[np.ndarray]] = {}
    for pixels, label in _examples(client_data, client_id):
        by_label.setdefault(label, []).append(pixels)
    return {label: np.mean(pixels, axis=0) for label, pixels in by_label.items()}


def _bars(ax: Axes, count: np.ndarray) -> None:
    labels = np.arange(len(count))
    ax.bar(labels, count, color=BLUE)
    ax.set_xticks(labels)
    ax.tick_params(length=0, labelsize=8)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    ax.grid(axis="y")


def _most_frequent(client_id: str, count: np.ndarray) -> str:
    sentence = _("{client} has {total} examples; the most frequent label is {label}, with {count}.")
    return sentence.format(client=client_id, total=count.sum(), label=count.argmax(), count=count.max())


def _shown_value(value: float, percent: bool) -> str:
    return f"{value:.1%}" if percent else f"{value:.3g}"


def _first_and_last(name: str, curve: np.ndarray, percent: bool) -> str:
    first, last = (_shown_value(value, percent) for value in curve[[0, -1]])
    sentence = _("{name}: from {first} to {last} in {rounds} rounds.")
    return sentence.format(name=name, first=first, last=last, rounds=len(curve))


def _dots(ax: Axes, height: int, values: np.ndarray, colour: str, marker: str) -> None:
    ax.plot(values, np.full(len(values), height), linestyle="", marker=marker, color=colour, alpha=0.6)


def _readings_in_words(values: Mapping[str, np.ndarray], threshold: float | None) -> str:
    sentences = [_("A row of dots for each client, one dot a reading.")]
    if threshold is not None:
        above = sum(int(np.sum(row > threshold)) for row in values.values())
        sentence = _("A line at {threshold} °C; {above} of {total} readings are above it.")
        total = sum(len(row) for row in values.values())
        sentences.append(sentence.format(threshold=f"{threshold:g}", above=above, total=total))
    for client_id, row in values.items():
        sentence = (
            _("{client}: {count} readings, mean {mean} °C.") if len(row) else _("{client}: no reading.")
        )
        mean = f"{row.mean():.1f}" if len(row) else ""
        sentences.append(sentence.format(client=client_id, count=len(row), mean=mean))
    return " ".join(sentences)


def _image_grid(row_names: Sequence[str], columns: int) -> tuple[Figure, np.ndarray]:
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


def _draw(ax: Axes, image: np.ndarray, largest: float = 1.0, signed: bool = False) -> None:
    colours = {"cmap": "RdBu_r", "vmin": -largest} if signed else {"cmap": "gray_r", "vmin": 0}
    ax.imshow(image, vmax=largest, **colours)
    ax.spines[:].set(visible=True, color=PALE)


def _title(fig: Figure, text: str) -> None:
    fig.suptitle(text, x=0.01, ha="left")


@cache
def _cjk_family() -> str:
    """Register the course's Chinese and Korean font; its family name."""
    font_manager.fontManager.addfont(CJK_FONT)
    return font_manager.FontProperties(fname=CJK_FONT).get_name()


def _style() -> AbstractContextManager[None]:
    """Draw in the course's style and in a font for the current language, whatever the learner's settings."""
    family = [_cjk_family()] if current_language() in CJK_LANGUAGES else []
    return matplotlib.style.context(STYLE | {"font.family": [*family, "DejaVu Sans"]}, after_reset=True)


def _shown(fig: Figure, alt: str) -> Plot:
    png = BytesIO()
    fig.savefig(png, format="png")
    return Plot(png.getvalue(), format="png", width=round(fig.get_figwidth() * PIXELS_PER_INCH), alt=alt)
