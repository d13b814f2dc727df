"""What clients have: their images, their labels, their readings."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fedcourse.i18n import _
from fedcourse.plots.figure import (
    BLACK,
    BLUE,
    GREY,
    VERMILLION,
    WIDTH,
    Plot,
    course_style,
    finished,
    require_some,
    set_title,
)
from fedcourse.plots.image_grids import draw_image, image_grid

if TYPE_CHECKING:
    import tensorflow_federated as tff


def client_examples(
    client_data: "tff.simulation.datasets.ClientData", client_ids: Sequence[str], num_examples: int = 8
) -> Plot:
    """One row a client: its first `num_examples` images, float [28, 28] with 0 = paper and 1 = ink.

    Raises:
      ValueError: there is no client.
    """
    require_some(client_ids)
    with course_style():
        fig, axes = image_grid(client_ids, num_examples)
        labels = {}
        for row, client_id in zip(axes, client_ids, strict=True):
            examples = list(islice(_examples(client_data, client_id), num_examples))
            labels[client_id] = " ".join(str(label) for _pixels, label in examples)
            for ax, (pixels, _label) in zip(row, examples, strict=False):
                draw_image(ax, pixels)
        set_title(fig, _("The first images of each client"))
        described = "; ".join(f"{client_id}: {shown}" for client_id, shown in labels.items())
        alt = _("A row of handwritten digits for each client. Their labels: {labels}.")
        return finished(fig, alt.format(labels=described))


def _examples(client_data: Any, client_id: str) -> Iterable[tuple[np.ndarray, int]]:
    dataset = client_data.create_tf_dataset_for_client(client_id)
    return ((example["pixels"], int(example["label"])) for example in dataset.as_numpy_iterator())


def label_counts(counts: Mapping[str, Sequence[int]]) -> Plot:
    """A bar chart a client: how many examples, integer [labels], it has of each label 0, 1, ...

    Raises:
      ValueError: there is no client.
    """
    require_some(counts, *counts.values())
    columns = min(len(counts), 5)
    rows = -(-len(counts) // columns)
    with course_style():
        fig = Figure(figsize=(WIDTH, 0.9 + 1.3 * rows))
        axes = fig.subplots(rows, columns, sharey=True, squeeze=False).flat
        for (client_id, count), ax in zip(counts.items(), axes, strict=False):
            _draw_bars(ax, np.asarray(count))
            ax.set_title(client_id)
        for unused in axes:
            unused.set_axis_off()
        set_title(fig, _("How many examples of each label a client has"))
        fig.supxlabel(_("label"), fontsize=10)
        sentences = [_("Bar charts of how many examples of each label the clients have.")]
        sentences += [_most_frequent(client_id, np.asarray(count)) for client_id, count in counts.items()]
        return finished(fig, " ".join(sentences))


def _draw_bars(ax: Axes, count: np.ndarray) -> None:
    """A bar a label, as high as its count, integer [labels]."""
    labels = np.arange(len(count))
    ax.bar(labels, count, color=BLUE)
    ax.set_xticks(labels)
    ax.tick_params(length=0, labelsize=8)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    ax.grid(axis="y")


def _most_frequent(client_id: str, count: np.ndarray) -> str:
    sentence = _("{client} has {total} examples; the most frequent label is {label}, with {count}.")
    return sentence.format(client=client_id, total=count.sum(), label=count.argmax(), count=count.max())


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
    require_some(client_ids, labels)
    with course_style():
        fig, axes = image_grid(client_ids, len(labels))
        missing = {}
        for row, client_id in zip(axes, client_ids, strict=True):
            means = _means(client_data, client_id)
            missing[client_id] = [label for label in labels if label not in means]
            _draw_means(row, [means.get(label) for label in labels])
        for ax, label in zip(axes[0], labels, strict=True):
            ax.set_title(label, loc="center")
        set_title(fig, _("The mean image of each label, client by client"))
        return finished(fig, _means_in_words(missing))


def _means(client_data: Any, client_id: str) -> dict[int, np.ndarray]:
    """The mean image, [28, 28], of every label that the client has."""
    by_label: dict[int, list[np.ndarray]] = {}
    for pixels, label in _examples(client_data, client_id):
        by_label.setdefault(label, []).append(pixels)
    return {label: np.mean(pixels, axis=0) for label, pixels in by_label.items()}


def _draw_means(row: Sequence[Axes], means: Sequence[np.ndarray | None]) -> None:
    """A client's mean images, [28, 28], one a label; a dash for None."""
    for ax, mean in zip(row, means, strict=True):
        if mean is None:
            ax.annotate("–", (0.5, 0.5), xycoords="axes fraction", size=14, ha="center", va="center")
        else:
            draw_image(ax, mean)


def _means_in_words(missing: Mapping[str, Sequence[int]]) -> str:
    """Describe the plot; `missing` are the labels of which a client has no example."""
    sentences = [_("A row of mean images for each client, a column for each label.")]
    no_example = _("{client} has no example of {labels}.")
    for client_id, labels in missing.items():
        if labels:
            sentences.append(no_example.format(client=client_id, labels=", ".join(map(str, labels))))
    return " ".join(sentences)


def readings(readings: Mapping[str, Sequence[float]], threshold: float | None = None) -> Plot:
    """A row of dots a client, one dot a temperature in degrees Celsius, and a bar at the client's mean.

    Readings above `threshold`, a dashed line, are of another colour and form. A client may have no reading.

    Raises:
      ValueError: there is no client.
    """
    require_some(readings)
    values = {client_id: np.asarray(list(row), dtype=float) for client_id, row in readings.items()}
    with course_style():
        fig = Figure(figsize=(WIDTH, 1.0 + 0.34 * len(values)))
        ax = fig.subplots()
        for height, row in enumerate(values.values()):
            _draw_readings(ax, height, row, np.inf if threshold is None else threshold)
        if threshold is not None:
            ax.axvline(threshold, color=GREY, linestyle="--", linewidth=1.2)
        ax.set_yticks(range(len(values)), list(values))
        ax.set_ylim(len(values) - 0.4, -0.6)  # the first client on top
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(_("temperature (°C)"))
        ax.grid(axis="x")
        set_title(fig, _("Each client's readings; the bar is the client's mean"))
        return finished(fig, _readings_in_words(values, threshold))


def _draw_readings(ax: Axes, height: int, row: np.ndarray, limit: float) -> None:
    """A client's readings at `height`, those above `limit` of another colour and form, and their mean."""
    _draw_dots(ax, height, row[row <= limit], BLUE, "o")
    _draw_dots(ax, height, row[row > limit], VERMILLION, "^")
    if len(row):
        ends = [height - 0.36, height + 0.36]
        ax.plot([row.mean()] * 2, ends, color=BLACK, linestyle="-", marker="")


def _draw_dots(ax: Axes, height: int, values: np.ndarray, colour: str, marker: str) -> None:
    ax.plot(values, np.full(len(values), height), linestyle="", marker=marker, color=colour, alpha=0.6)


def _readings_in_words(values: Mapping[str, np.ndarray], threshold: float | None) -> str:
    """Describe the plot: how many readings each client has, and their mean."""
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
