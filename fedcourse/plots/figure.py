"""What all plots have in common: colours, style, fonts, and a picture that describes itself in words.

Colours are Okabe and Ito's, which colour-blind readers can tell apart (https://jfly.uni-koeln.de/color/);
lines differ in marker too.
"""

from contextlib import AbstractContextManager
from functools import cache
from html import escape
from io import BytesIO
from typing import Any

import matplotlib.style
from cycler import cycler
from IPython.display import Image
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fedcourse.fonts import CJK_FONT, CJK_LANGUAGES
from fedcourse.i18n import _, current_language

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


@cache
def _cjk_family() -> str:
    """Register the course's Chinese and Korean font; its family name."""
    font_manager.fontManager.addfont(CJK_FONT)
    return font_manager.FontProperties(fname=CJK_FONT).get_name()


def course_style() -> AbstractContextManager[None]:
    """Draw in the course's style and in a font for the current language, whatever the learner's settings."""
    family = [_cjk_family()] if current_language() in CJK_LANGUAGES else []
    return matplotlib.style.context(STYLE | {"font.family": [*family, "DejaVu Sans"]}, after_reset=True)


def finished(fig: Figure, alt: str) -> Plot:
    """The figure as a plot that `alt` describes; call it in the style that the figure was drawn in."""
    png = BytesIO()
    fig.savefig(png, format="png")
    return Plot(png.getvalue(), format="png", width=round(fig.get_figwidth() * PIXELS_PER_INCH), alt=alt)


def require_some(*collections: Any) -> None:
    """Refuse to plot nothing.

    Raises:
      ValueError: one of the collections is empty.
    """
    if not all(len(collection) for collection in collections):
        raise ValueError(_("There is nothing to plot: pass at least one client, label, curve or image."))


def set_title(fig: Figure, text: str) -> None:
    """Put `text` above the figure, at its left."""
    fig.suptitle(text, x=0.01, ha="left")


def set_legend(fig: Figure, columns: int = 3) -> None:
    """Name the labelled lines of the figure above it."""
    fig.legend(loc="outside upper left", ncols=columns)


def use_percent(ax: Axes) -> None:
    """Let the y axis show accuracies, all of [0, 1], in percent."""
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
