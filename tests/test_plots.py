"""Plots: one picture, described in words, in every language; and a font that has the characters they need."""

from itertools import chain
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from processes import PATIENCE

from fedcourse import i18n, plots
from fedcourse.plots import figure
from tools import fonts

needs_noto = pytest.mark.skipif(fonts.installed_noto() is None, reason="Noto Sans CJK is not installed")
SAMPLE = {"zh": "联邦", "ko": "연합"}


class Examples(list):
    """A client's examples, iterated like a `tf.data.Dataset`."""

    as_numpy_iterator = list.__iter__


class Clients:
    """Two clients, the second with no label but 1, as `ClientData` gives them."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.labels = {"client_a": [0, 1, 2, 1], "client_$b$": [1]}
        self.pixels = {name: rng.random((len(labels), 28, 28)) for name, labels in self.labels.items()}

    def create_tf_dataset_for_client(self, name):
        pairs = zip(self.pixels[name], self.labels[name], strict=True)
        return Examples({"label": np.int32(label), "pixels": pixels} for pixels, label in pairs)


CLIENTS = Clients()
NAMES = list(CLIENTS.labels)
PLOTS = {
    "client_examples": lambda: plots.client_examples(CLIENTS, NAMES, 3),
    "label_counts": lambda: plots.label_counts({str(i): np.arange(10) for i in range(6)}),
    "mean_images": lambda: plots.mean_images(CLIENTS, NAMES, labels=range(3)),
    "learning_curves": lambda: plots.learning_curves({"seen clients": [0.1, 0.934]}, chance=0.1),
    "weighted_bars": lambda: plots.weighted_bars({"a": 0.5, "b": 1.0}, {"a": 3, "b": 1}),
    "placements": lambda: plots.placements(
        "6.0", {"ann": "9.0", "bo": "3.0"}, "int32@CLIENTS", "{int32}@CLIENTS"
    ),
    "readings": lambda: plots.readings({"client_a": [21.5, 33.0], "client_$b$": []}, threshold=30),
    "traffic": lambda: plots.traffic(["float32"], ["<float32,float32>"]),
    "images": lambda: plots.images(list(CLIENTS.pixels["client_a"])),
    "arrows": lambda: plots.arrows({"gradient": [4.0, 1.5], "clipped by norm": [1.0, 0.4]}, limit=1.1),
    "two_worlds": lambda: plots.two_worlds([0.3, 4]),
    "accuracy_by_epsilon": lambda: plots.accuracy_by_epsilon({"no noise": ([0.1, 9], [0.5, 0.9])}, best=0.95),
    "accuracy_by_cost": lambda: plots.accuracy_by_cost(
        {"not compressed": ([2e6, 4e6], [0.2, 0.8]), "yours": ([1e6], [0.8])}, budget=3e6, target=0.75
    ),
    "arrived": lambda: plots.arrived([0.0, 0.4], {"to the nearest level": [0.0, 0.5]}),
}


@pytest.fixture
def speak(monkeypatch):
    """A function that chooses the language, for this test."""
    return lambda language: monkeypatch.setattr(i18n, "_chosen", language)


@pytest.fixture
def figures(monkeypatch):
    """The figures that the plots of this test draw."""
    drawn, save = [], Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda fig, *to, **how: drawn.append(fig) or save(fig, *to, **how))
    return drawn


@pytest.fixture
def catalogs(tmp_path, monkeypatch):
    """Catalogs in which a message of the plots is itself behind a word in Chinese or Korean."""
    modules = Path(plots.__file__).parent.glob("*.py")
    found = (extract_from_file("python", path, keywords={"_": None, "N_": None}) for path in modules)
    messages = {message for _line, message, _remarks, _context in chain.from_iterable(found)}
    for language, word in SAMPLE.items():
        catalog = Catalog(language)
        for message in messages:
            catalog.add(message, f"{word} {message}")
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        for suffix, write in (("po", write_po), ("mo", write_mo)):
            with (folder / f"{i18n.DOMAIN}.{suffix}").open("wb") as file:
                write(file, catalog)
    monkeypatch.setattr(i18n, "LOCALE_DIR", tmp_path)
    i18n._catalog.cache_clear()
    yield tmp_path
    i18n._catalog.cache_clear()


@pytest.fixture
def sample_font(catalogs, monkeypatch):
    """The font built for `catalogs`, in the place of the course's."""
    font = catalogs / "sample.otf"
    fonts.build(font)
    others = [entry for entry in font_manager.fontManager.ttflist if entry.name != fonts.FAMILY]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", others)
    monkeypatch.setattr(figure, "CJK_FONT", font)
    _forget_fonts()
    yield font
    _forget_fonts()


def _forget_fonts():
    figure._cjk_family.cache_clear()
    font_manager.fontManager._findfont_cached.cache_clear()


def _texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("name", PLOTS)
def test_plot_shows_one_described_image(name, language, speak):
    speak(language)
    plot = PLOTS[name]()
    data, metadata = plot._repr_mimebundle_()
    assert data["image/png"] and plot.alt
    assert metadata["image/png"]["alt"] == data["text/plain"] == plot.alt
    assert not plt.get_fignums()


@needs_noto
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("language", SAMPLE)
@pytest.mark.parametrize("name", PLOTS)
def test_words_are_translated_and_have_glyphs(name, language, speak, sample_font, figures):
    speak(language)
    plot = PLOTS[name]()
    assert plot.alt.startswith(SAMPLE[language])
    untranslated = [text for text in _texts(figures[0]) if SAMPLE[language] not in text]
    assert not [
        text
        for text in untranslated
        if " " in text or text in {"label", "round", "accuracy", "chance", "server"}
    ]


@needs_noto
def test_a_glyph_that_is_missing_warns(speak, sample_font):
    speak("zh")
    with pytest.warns(UserWarning, match="Glyph"):
        plots.images(np.zeros((1, 2, 2)), ["猫"])


def test_notebook_carries_exactly_one_image_and_its_description():
    cell = nbformat.v4.new_code_cell(
        "from fedcourse import plots, i18n\n"
        "i18n.use_language('en')\n"
        "plots.learning_curves({'<federated>': [0.1, 0.9]})"
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(
        notebook, timeout=PATIENCE, resources={"metadata": {"path": Path(plots.__file__).parents[2]}}
    ).execute()
    (output,) = cell.outputs
    assert "image/png" in output.data
    for template in ("lab", "classic"):
        html, _resources = HTMLExporter(template_name=template).from_notebook_node(notebook)
        assert html.count("<img") == 1
        assert "&lt;federated&gt;: from 10.0% to 90.0% in 2 rounds." in html


def test_learning_curves_in_percent_only_where_that_is_true(speak, figures):
    speak("en")
    assert "10.0% to 93.4%" in plots.learning_curves({"a": [0.1, 0.934]}).alt
    assert "2.3 to 0.5" in plots.learning_curves({"a": [2.3, 0.5]}, ylabel="loss").alt
    assert "0.1 to 0.5" in plots.learning_curves({"a": [0.1, 0.5]}, ylabel="loss").alt
    assert figures[0].axes[0].get_ylim() == (0, 1)


def test_lines_differ_in_more_than_colour(figures):
    plots.learning_curves({str(i): [0, i] for i in range(10)}, ylabel="loss")
    looks = {(line.get_marker(), line.get_linestyle()) for line in figures[0].axes[0].get_lines()}
    assert len(looks) == 10


def test_mean_images_are_means_and_gaps_are_dashes(speak, figures):
    speak("en")
    alt = plots.mean_images(CLIENTS, NAMES, labels=range(3)).alt
    assert "client_$b$ has no example of 0, 2." in alt
    shown = figures[0].axes[1].images[0].get_array()
    np.testing.assert_allclose(shown, CLIENTS.pixels["client_a"][[1, 3]].mean(axis=0))
    assert [text.get_text() for text in figures[0].axes[3].texts] == ["–"]


def test_label_counts_share_one_scale(figures):
    plots.label_counts({"a": [1, 2], "b": [30, 4]})
    first, second = figures[0].axes
    assert first.get_ylim() == second.get_ylim()
    assert [bar.get_height() for bar in second.patches] == [30, 4]


def test_negative_images_share_a_scale_around_zero(figures):
    plots.images([np.full((2, 2), -3.0), np.full((2, 2), 1.0)])
    assert {ax.images[0].get_clim() for ax in figures[0].axes} == {(-3.0, 3.0)}


def test_arrows_end_where_their_vectors_do_on_one_scale(speak, figures):
    speak("en")
    shown = plots.arrows({"gradient": [3.0, 4.0], "clipped by norm": [0.6, 0.8]}, limit=1.0)
    [ax] = figures[0].axes
    ends = [tuple(line.get_xydata()[-1]) for line in ax.lines if line.get_marker() not in ("", "None", None)]
    assert ends == [(3.0, 4.0), (0.6, 0.8)]
    assert ax.get_aspect() == 1
    assert "gradient: to (3, 4), length 5." in shown.alt
    assert "radius 1.0" in shown.alt


def test_readings_above_the_threshold_look_different(speak, figures):
    speak("en")
    alt = plots.readings({"a": [21, 30, 33], "b": []}, threshold=30).alt
    assert "A line at 30 °C; 1 of 3 readings are above it. a: 3 readings, mean 28.0 °C. b: no reading." in alt
    below, above, mean = figures[0].axes[0].get_lines()[:3]
    assert (list(below.get_xdata()), list(above.get_xdata())) == ([21, 30], [33])
    assert below.get_marker() != above.get_marker()
    assert list(mean.get_xdata()) == [28, 28]


def test_traffic_has_an_arrow_a_client_for_each_way_that_is_used(speak, figures):
    speak("en")
    assert plots.traffic(["float32"], ["int32"]).alt.endswith("client: float32. Up from each client: int32.")
    plots.traffic([], ["int32", "float32"])
    both, up = ([text for text in figure.axes[0].texts if not text.get_text()] for figure in figures)
    assert (len(both), len(up)) == (6, 3)
    assert "up: int32, float32" in _texts(figures[1])


def test_placements_draw_an_arrow_a_client_for_what_moves(speak, figures):
    speak("en")
    alt = plots.placements("6.0", {"ann": "9.0", "bo": "3.0", "cem": "6.0"}, up="{float32}@CLIENTS").alt
    assert "The server has 6.0. ann has 9.0." in alt and "up from each client" in alt and "down" not in alt
    assert len(_arrows(figures[0])) == 3
    plots.placements("6.0", {"ann": "9.0"}, "float32@CLIENTS", "{float32}@CLIENTS")
    assert len({arrow.get_linestyle() for arrow in _arrows(figures[1])}) == 2


def _arrows(figure):
    return [text.arrow_patch for text in figure.axes[0].texts if getattr(text, "arrow_patch", None)]


def test_weighted_bars_are_as_wide_as_their_weight(speak, figures):
    speak("en")
    alt = plots.weighted_bars({"a": 0.5, "b": 1.0}, {"b": 1, "a": 3}).alt
    assert alt.endswith("a: 50.0%, weight 3. b: 100.0%, weight 1. plain mean: 75.0%. weighted mean: 62.5%.")
    bars = figures[0].axes[0].patches
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in bars] == [(0, 3, 0.5), (3, 1, 1.0)]
    assert [line.get_ydata()[0] for line in figures[0].axes[0].lines] == [0.75, 0.625]


def test_weighted_bars_of_a_loss_are_no_percentages(speak):
    speak("en")
    assert "a: 2.5, weight 3." in plots.weighted_bars({"a": 2.5}, {"a": 3}, ylabel="loss").alt


def test_two_worlds_are_one_clipping_norm_apart(speak, figures):
    speak("en")
    assert "each noise multiplier: 0.3, 1." in plots.two_worlds([0.3, 1]).alt
    for ax in figures[0].axes:
        tops = [float(line.get_xdata()[np.argmax(line.get_ydata())]) for line in ax.lines]
        assert tops == pytest.approx([0, 1], abs=0.05)


def test_accuracy_by_epsilon_has_a_logarithmic_scale_and_the_best(speak, figures):
    speak("en")
    alt = plots.accuracy_by_epsilon({"a": ([0.1, 9], [0.5, 0.9]), "b": ([3], [0.8])}, best=0.95).alt
    assert (
        "a: 50.0% at epsilon 0.1. a: 90.0% at epsilon 9. b: 80.0% at epsilon 3. Without noise: 95.0%." in alt
    )
    [ax] = figures[0].axes
    assert ax.get_xscale() == "log" and ax.get_ylim() == (0, 1)
    assert list(ax.lines[-1].get_ydata()) == [0.95, 0.95]


def test_accuracy_by_cost_is_in_mebibytes_and_shades_what_is_within(speak, figures):
    speak("en")
    mebi = 8 * 2**20
    runs = {"not compressed": ([mebi, 4 * mebi], [0.5, 0.875]), "yours": ([mebi / 2], [0.75])}
    shown = plots.accuracy_by_cost(runs, budget=mebi, target=0.7)
    assert "not compressed: 87.5% after 4 MiB. yours: 75.0% after 0.5 MiB." in shown.alt
    assert shown.alt.endswith("The budget is 1 MiB. The target is 70.0%.")
    ax = figures[0].axes[0]
    assert ax.get_xscale() == "log" and list(ax.lines[0].get_xdata()) == [1, 4]
    assert len(ax.collections) == 1
    plots.accuracy_by_cost(runs)
    assert not figures[1].axes[0].collections and len(figures[1].axes[0].lines) == 2


def test_arrived_draws_what_arrives_over_what_was_sent(speak, figures):
    speak("en")
    shown = plots.arrived([0.0, 0.4], {"to the nearest level": [0.0, 0.5], "by chance, once": [0.25, 0.5]})
    assert "to the nearest level: at most 0.1 from the truth." in shown.alt
    diagonal, nearest, _once = figures[0].axes[0].lines
    assert list(diagonal.get_ydata()) == [0.0, 0.4] and list(nearest.get_ydata()) == [0.0, 0.5]


@pytest.mark.parametrize(
    "plot",
    [
        lambda: plots.client_examples(CLIENTS, []),
        lambda: plots.label_counts({}),
        lambda: plots.mean_images(CLIENTS, NAMES, labels=[]),
        lambda: plots.learning_curves({"a": []}),
        lambda: plots.images([]),
        lambda: plots.weighted_bars({}, {}),
        lambda: plots.placements("", {}),
        lambda: plots.readings({}),
        lambda: plots.arrows({}, limit=1.0),
        lambda: plots.two_worlds([]),
        lambda: plots.accuracy_by_epsilon({"a": ([], [])}),
        lambda: plots.accuracy_by_cost({}),
        lambda: plots.accuracy_by_cost({"a": ([], [])}),
        lambda: plots.arrived([], {"a": []}),
        lambda: plots.arrived([1.0], {}),
    ],
)
def test_nothing_to_plot_says_what_to_do(plot, speak):
    speak("en")
    with pytest.raises(ValueError, match="pass at least one"):
        plot()


def test_the_learners_own_style_does_not_leak_in_or_out(speak, figures):
    speak("en")
    with plt.rc_context({"axes.facecolor": "black", "font.size": 30}):
        plots.label_counts({"a": [1]})
        assert plt.rcParams["font.size"] == 30
    assert figures[0].axes[0].get_facecolor() == (1, 1, 1, 1)


def test_the_committed_font_has_every_character_of_the_catalogs():
    missing = fonts.missing_characters()
    assert not missing, f"run `python -m tools.fonts`: the font lacks {''.join(sorted(missing))}"


def test_missing_characters_are_those_of_the_catalogs(catalogs):
    assert set("联邦연합") <= fonts.missing_characters(catalogs / "absent.otf")


@needs_noto
def test_same_catalogs_give_the_same_font(sample_font, tmp_path):
    again = tmp_path / "again.otf"
    fonts.build(again)
    assert again.read_bytes() == sample_font.read_bytes()
    assert not fonts.missing_characters(again)
