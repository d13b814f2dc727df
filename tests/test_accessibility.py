"""Lessons can be read by everybody: alt texts, contrast in light and dark, colours for the colour-blind."""

import json
import re
from itertools import combinations, pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from colorspacious import cspace_convert, deltaE
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook
from processes import PATIENCE

from fedcourse import plots
from fedgrader.course import ROOT, load_course

COURSE = load_course()
LINES = (plots.BLUE, plots.VERMILLION, plots.GREEN, plots.PURPLE, plots.SKY, plots.ORANGE, plots.BLACK)
# Vision without red, green or blue cones, as Machado and others model it (2009, IEEE TVCG 15/6).
VISIONS = ("protanomaly", "deuteranomaly", "tritanomaly")
TELLS_APART = 10  # CAM02-UCS; 1 is what a trained eye just sees
THEMES = ("light", "dark")

# What the course puts below a cell: verdicts, notes, the coach, a picture.
CELLS = (
    "from autograder import check, guess, hint, use_language\n"
    "from fedcourse import coach, plots\nuse_language('{language}')\ncoach.start()",
    "import numpy as np\n\ndef label_counts(dataset):\n"
    "    return np.bincount([int(e['label']) for e in dataset])\n\n"
    "check('lesson01_federated_data.label_counts', label_counts)",
    "def label_counts(dataset):\n"
    "    return np.bincount([int(e['label']) for e in dataset], minlength=10)\n\n"
    "check('lesson01_federated_data.label_counts', label_counts)",
    "hint('lesson01_federated_data.label_counts')",
    "guess('lesson06_fedavg_by_hand.trapdoor', 'a')",
    "plots.learning_curves({'accuracy': [0.1, 0.5, 0.8]}, chance=0.1)",
    "import tensorflow_federated as tff\ntff.federated_broadcast(3)",
)


@pytest.fixture(scope="module", params=["en", "ko"])
def outputs(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    """A notebook with every kind of output, run."""
    cells = [new_code_cell(cell.replace("{language}", request.param)) for cell in CELLS]
    notebook = new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
    NotebookClient(notebook, timeout=PATIENCE, allow_errors=True).execute()
    return notebook


def page_with(notebook: nbformat.NotebookNode, theme: str, folder: Path) -> Path:
    html, _resources = HTMLExporter(theme=theme, embed_images=True).from_notebook_node(notebook)
    # The page's own frame is nbconvert's business; MathJax and the like are not fetched.
    html = re.sub(r"<script\b[^>]*\bsrc=[^>]*></script>", "", html)
    path = folder / f"{theme}.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.slow(25)
@pytest.mark.xdist_group("accessibility")
@pytest.mark.parametrize("theme", THEMES)
def test_what_the_course_shows_is_accessible(outputs, theme, browser, tmp_path):
    page = browser.new_page(viewport={"width": 1000, "height": 1600})
    page.goto(page_with(outputs, theme, tmp_path).as_uri())
    page.screenshot(path=tmp_path / f"{theme}.png", full_page=True)
    # Tracebacks have IPython's own colours.
    context = {"include": [[".jp-OutputArea-output"]], "exclude": [["pre:has([class*=ansi-])"]]}
    found = Axe().run(page, context=context)
    page.close()
    serious = [
        f"{rule['id']}: {node['html'][:120]} ({node['failureSummary']})"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
    assert serious == []
    assert len(found.response["passes"]) > 5, "axe looked at something"


@pytest.mark.slow
def test_axe_would_find_what_cannot_be_read(browser, tmp_path):
    page = browser.new_page()
    page.set_content(
        '<html lang="en"><title>t</title><main><p style="color:#aaa">pale</p><img src="x.png"></main>'
    )
    found = {rule["id"] for rule in Axe().run(page).response["violations"]}
    page.close()
    assert {"color-contrast", "image-alt"} <= found


@pytest.mark.parametrize("vision", VISIONS)
def test_lines_can_be_told_apart_without_some_cones(vision):
    space = {"name": "sRGB1+CVD", "cvd_type": vision, "severity": 100}
    seen = {colour: cspace_convert(rgb(colour), space, "sRGB1") for colour in LINES}
    nearest = min(
        deltaE(np.clip(seen[a], 0, 1), np.clip(seen[b], 0, 1), input_space="sRGB1")
        for a, b in combinations(LINES, 2)
    )
    assert nearest > TELLS_APART


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])


@pytest.mark.parametrize("slug", [lesson.slug for lesson in COURSE.lessons])
@pytest.mark.parametrize("language", COURSE.languages)
def test_every_picture_in_the_text_has_a_description(slug, language):
    notebook = json.loads((ROOT / "lessons" / language / f"{slug}.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    assert re.findall(r"!\[\s*\]\(", text) == []
    assert re.findall(r"<img\b(?![^>]*\balt=)", text) == []
    headings = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert headings[0] == 1 and headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
