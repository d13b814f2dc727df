"""Lessons in a kernel without TFF: a Python of the course's own beside it, installed and talked to for real.

What only Colab itself can show is left out: its server, its buttons, its machines.
"""

import json
import re
import sys
from urllib.request import urlopen

import pytest
from colab_fixtures import (
    COLAB,
    NEWEST,
    elsewhere,
    errors,
    misleading_environment,
    ready,
    text,
)
from nbclient import NotebookClient
from processes import PATIENCE

from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.course import ROOT, load_course
from tools.classroom import Student, completed
from tools.setup_environment import find_uv

pytest_plugins = ["colab_fixtures"]
pytestmark = [pytest.mark.slow(250), pytest.mark.xdist_group("colab")]

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize(
    ("language", "packages"),
    [("en", COLAB), ("zh", NEWEST), ("ko", COLAB), ("pt", NEWEST)],
    ids=["en as on Colab", "zh newest", "ko as on Colab", "pt newest"],
)
def test_a_lesson_runs_from_top_to_bottom(language, packages, site, outer, home, tmp_path, monkeypatch):
    lesson = load_course().lessons[0]
    notebook = completed(Student("reference", language, "all right"), lesson)
    for cell in notebook.cells:
        cell.source = elsewhere(cell.source, site.address)
    manager = outer(packages)
    for name, value in misleading_environment(home).items():
        monkeypatch.setenv(name, value)
    resources = {"metadata": {"path": str(tmp_path)}}
    try:
        NotebookClient(notebook, timeout=PATIENCE, km=manager, resources=resources).execute()
    finally:
        manager.shutdown_kernel(now=True)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    verdicts = [output.data[VERDICT_MIME] for output in outputs if VERDICT_MIME in output.get("data", {})]
    assert [(v["passed"], v["language"]) for v in verdicts] == [(True, language)] * len(lesson.exercises)
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert "3.11" in "".join(output.text for output in outputs if output.get("name") == "stdout")
    assert "".join(output.text for output in outputs if output.get("name") == "stderr") == ""


def test_everything_a_cell_does_arrives_as_at_home(running, home):
    assert text(running.run("import sys; print(sys.version_info[:2])")) == "(3, 11)\n"
    assert text(running.run("print('careful', file=sys.stderr)"), "stderr") == "careful\n"
    assert "2/2" in text(running.run("from tqdm import tqdm\nfor _ in tqdm(range(2)): pass"), "stderr")

    [result] = [m["content"] for m in running.run("kept = 6 * 7\nkept") if m["type"] == "execute_result"]
    assert result["data"]["text/plain"] == "42"
    assert running.run("kept;") == []

    shown = running.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert any("image/png" in m["content"]["data"] for m in shown if m["type"] == "display_data")

    shown = running.run(
        "from IPython.display import clear_output, display\n"
        "handle = display('a', display_id=True)\nhandle.update('b')\nclear_output(wait=True)"
    )
    kinds = [message["type"] for message in shown]
    assert kinds[-3:] == ["display_data", "update_display_data", "clear_output"]

    assert "hello, Ann" in text(running.run("print('hello,', input('name? '))", answer="Ann"))
    assert "Signature" in text(running.run("sys.exit?"))
    assert text(running.run("%%time\nprint('magic')")).startswith("magic\nCPU times")
    assert text(running.run("!echo from the shell")).strip() == "from the shell"
    where = "import sys; print(sys.executable)"
    assert text(running.run(where)).startswith(str(home))
    assert not text(running.run(f"# google.colab lives outside\n{where}")).startswith(str(home))


def test_programs_are_those_of_the_python_that_runs_the_lesson(running, home):
    own = str(home / "python")
    assert f"from {own}/lib/python3.11/" in text(running.run("!pip --version"))
    assert f"from {own}/lib/python3.11/" in text(running.run("%pip --version"))
    assert text(running.run('!python -c "import sys; print(sys.prefix)"')).strip() == own
    assert text(running.run("%%bash\nwhich python3 pip")).split() == [f"{own}/bin/python3", f"{own}/bin/pip"]
    uv = find_uv(sys.executable)
    assert f"Location: {own}/lib/python3.11/" in text(running.run(f"!{uv} pip show pip"))


def test_what_is_installed_in_a_cell_can_be_imported_in_the_next(running):
    assert errors(running.run("import roman"))[0]["ename"] == "ModuleNotFoundError"
    running.run("!pip install --quiet --disable-pip-version-check roman")
    assert text(running.run("import roman; print(roman.toRoman(11))")) == "XI\n"
    running.run("!pip uninstall --quiet --yes roman")


@pytest.mark.parametrize("module", ["tqdm.auto", "tqdm.notebook", "tqdm.autonotebook"])
def test_bars_that_would_be_widgets_are_drawn_in_text(module, running):
    shown = running.run(f"from {module} import tqdm, trange\nfor _ in tqdm(range(2)): pass")
    assert "2/2" in text(shown, "stderr")
    assert {message["type"] for message in shown} == {"stream"}
    assert "3/3" in text(running.run("for _ in trange(3): pass"), "stderr")


def test_a_widget_is_shown_as_its_text(running):
    running.run("import ipywidgets\nfrom IPython.display import display")
    cells = ("ipywidgets.IntSlider(7)", "display(ipywidgets.IntSlider(7))")
    for shown in map(running.run, cells):
        [data] = [message["content"]["data"] for message in shown]
        assert data == {"text/plain": "IntSlider(value=7)"}


@pytest.mark.parametrize("in_colab", [False, True], ids=["in Jupyter", "in Colab"])
def test_the_second_lesson_s_tensorboard_opens(in_colab, site, session):
    lesson = load_course().lessons[1].slug
    source = (ROOT / "source" / lesson / f"{lesson}.md").read_text(encoding="utf-8")
    [cell] = re.findall(r"^```\n(%load_ext tensorboard\n.+?)```$", source, re.MULTILINE | re.DOTALL)

    notebook = session()
    if in_colab:
        notebook.run("import sys, types\nsys.modules['google.colab'] = types.ModuleType('google.colab')")
    ready(notebook, site)
    notebook.run(
        "import tempfile, tensorflow as tf\nlog_dir = tempfile.mkdtemp()\n"
        "with tf.summary.create_file_writer(log_dir + '/ours').as_default():\n"
        "    tf.summary.scalar('train/loss', 1.0, step=1)"
    )
    shown = notebook.run(cell)
    [update] = [m["content"]["data"] for m in shown if m["type"] == "update_display_data"]
    page = update["application/javascript" if in_colab else "text/html"]
    [port] = re.findall(r"google\.colab\.kernel\.proxyPort\((\d+)" if in_colab else r"port = (\d+);", page)
    try:
        with urlopen(f"http://localhost:{port}/data/runs", timeout=PATIENCE) as answer:
            assert json.load(answer) == ["ours"]
    finally:
        notebook.run(
            "import os\nfrom tensorboard import manager\n"
            f"[os.kill(one.pid, 15) for one in manager.get_all() if one.port == {port}]"
        )


def test_an_error_looks_as_at_home_and_the_coach_speaks_below_it(running):
    running.run("import tensorflow_federated as tff")
    shown = running.run("tff.federated_broadcast(3)")
    [error] = errors(shown)
    assert error["ename"] == "TypeError"
    assert any("federated_broadcast" in line for line in error["traceback"])
    kinds = [message["type"] for message in shown]
    assert kinds.index("error") < kinds.index("display_data")
    assert text(running.run("print('goes on')")) == "goes on\n"


def test_the_stop_button_stops_the_cell_and_nothing_else(running):
    shown = running.run(
        "import time\nkept = 1\nprint('begun', flush=True)\ntime.sleep(10**6)", interrupt_at="begun"
    )
    assert [error["ename"] for error in errors(shown)] == ["KeyboardInterrupt"]
    assert text(running.run("print(kept)")) == "1\n"


def test_a_python_that_ends_says_so_until_the_first_cell_starts_another(site, session, home):
    notebook = ready(session(COLAB), site)
    for cell in ("kept = 1; import os; os._exit(1)", "kept", "import sys; print(sys.executable)", "!echo on"):
        shown = notebook.run(cell)
        [error] = errors(shown)
        assert "Run the first cell again" in error["evalue"]
        assert text(shown) == ""
    assert "outside" in text(notebook.run("print('outside')  # google.colab"))
    ready(notebook, site)
    assert text(notebook.run("import sys; print(sys.executable)")).startswith(str(home))
    assert errors(notebook.run("kept"))[0]["ename"] == "NameError"
