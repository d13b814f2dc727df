"""What the server has, what the clients have, and what crosses the network between them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from fedcourse.i18n import _
from fedcourse.plots.figure import (
    BLUE,
    GREEN,
    GREY,
    VERMILLION,
    WIDTH,
    Plot,
    course_style,
    finished,
    require_some,
    set_title,
)


def traffic(down: Sequence[str], up: Sequence[str]) -> Plot:
    """The server above three clients: `down` and `up` are the types that cross the network between them."""
    with course_style():
        fig = Figure(figsize=(WIDTH, 2.6))
        ax = fig.subplots()
        ax.set(xlim=(0, 10), ylim=(0, 4))
        ax.set_axis_off()
        _draw_label(ax, 5, 3.5, _("server"), BLUE)
        for x in (1.5, 5, 8.5):
            _draw_label(ax, x, 0.5, _("client"), GREEN)
            at_server = 5 + (x - 5) * 0.2
            if down:
                _draw_way(ax, (at_server - 0.25, 3), (x - 0.25, 1), BLUE)
            if up:
                _draw_way(ax, (x + 0.25, 1), (at_server + 0.25, 3), VERMILLION)
        for name, types, x, colour, side in (
            (_("down: {types}"), down, 0, BLUE, "left"),
            (_("up: {types}"), up, 10, VERMILLION, "right"),
        ):
            label = name.format(types=", ".join(types) or "–")
            ax.annotate(label, (x, 3.5), color=colour, ha=side, va="center", annotation_clip=False)
        set_title(fig, _("What crosses the network"))
        alt = _("The server above three clients. Down to each client: {down}. Up from each client: {up}.")
        return finished(fig, alt.format(down=", ".join(down) or "–", up=", ".join(up) or "–"))


def _draw_label(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    """A box with `text` in it, its middle at (x, y)."""
    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": colour, "linewidth": 1.6}
    ax.annotate(text, (x, y), ha="center", va="center", bbox=box)


def _draw_way(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    """An arrow from `start` to just before `end`."""
    line = {"arrowstyle": "->", "color": colour, "linewidth": 1.6, "shrinkA": 2, "shrinkB": 2}
    ax.annotate("", end, start, arrowprops=line)


def placements(server: str, clients: Mapping[str, str], down: str = "", up: str = "") -> Plot:
    """Who has what, and what moves: the server above, the clients below, arrows with types between them.

    `server` and `clients` (by name) say what each has, in a few lines; `down` is the type that is broadcast,
    `up` the type that the clients send, and without one there is no such arrow.

    Raises:
      ValueError: there is no client.
    """
    require_some(clients)
    with course_style():
        fig = Figure(figsize=(WIDTH, 3.9))
        ax = fig.subplots()
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.set_axis_off()
        places = (np.arange(len(clients)) + 0.5) / len(clients)
        _draw_box(ax, 0.5, 0.86, 0.36, _("server"), server)
        for place, (name, holding) in zip(places, clients.items(), strict=True):
            _draw_box(ax, place, 0.14, 0.86 / len(clients), name, holding)
            above, below = (0.5 + (place - 0.5) * 0.42, 0.71), (place, 0.29)
            # Solid and dashed, so that down and up differ in more than colour.
            if down:
                _draw_arrow(ax, above, below, -0.012, BLUE, "-")
            if up:
                _draw_arrow(ax, below, above, 0.012, VERMILLION, (0, (4, 2)))
        if down:
            ax.text(0, 0.86, _("broadcast") + f"\n{down}", color=BLUE, ha="left", va="center", fontsize=9)
        if up:
            ax.text(1, 0.86, _("upload") + f"\n{up}", color=VERMILLION, ha="right", va="center", fontsize=9)
        set_title(fig, _("Who has what, and what moves"))
        return finished(fig, _placements_in_words(server, clients, down, up))


def _draw_box(ax: Axes, x: float, y: float, width: float, name: str, holding: str) -> None:
    """A rounded box around (x, y) with a name in it and, below, what its owner has."""
    corner, height = (x - width / 2, y - 0.11), 0.22
    shape = {"boxstyle": "round,pad=0.01,rounding_size=0.03", "facecolor": "#F4F4F4", "edgecolor": GREY}
    ax.add_patch(FancyBboxPatch(corner, width, height, **shape))
    ax.text(x, y + 0.055, name, ha="center", va="center", fontsize=12)
    ax.text(x, y - 0.035, holding, ha="center", va="center", fontsize=9)


def _draw_arrow(ax: Axes, start: tuple, end: tuple, shift: float, colour: str, linestyle: Any) -> None:
    """An arrow from `start` to `end`, moved sideways by `shift`."""
    look = {"arrowstyle": "->", "linewidth": 1.6, "color": colour, "linestyle": linestyle}
    (x0, y0), (x1, y1) = start, end
    ax.annotate("", (x1 + shift, y1), (x0 + shift, y0), arrowprops=look | {"shrinkA": 0, "shrinkB": 0})


def _placements_in_words(server: str, clients: Mapping[str, str], down: str, up: str) -> str:
    """Describe the plot: what each has, and the types on the arrows."""
    shows = _("A picture of the server above its clients. The server has {value}.")
    sentences = [shows.format(value=server)]
    has = _("{client} has {value}.")
    sentences += [has.format(client=name, value=holding) for name, holding in clients.items()]
    if down:
        sentences.append(_("An arrow down to each client is labelled {type}.").format(type=down))
    if up:
        sentences.append(_("An arrow up from each client is labelled {type}.").format(type=up))
    return " ".join(sentences).replace("\n", ", ")
