"""What learners see: a lesson in a real JupyterLab, in a real browser."""

import subprocess
import sys

import nbformat
import pytest
from processes import PATIENCE, answers, free_port, until

from fedcourse.i18n import _, use_language
from fedgrader.course import load_course
from tools.classroom import Student, completed

pytestmark = [pytest.mark.slow(20), pytest.mark.xdist_group("browser")]

SLUG = "lesson06_fedavg_by_hand"
MISTAKE = {"client_update": ("w - learning_rate * g", "w + learning_rate * g")}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a folder with a Korean lesson, in which one answer is wrong; its address."""
    folder = tmp_path_factory.mktemp("lab")
    student = Student("student", "ko", "one mistake", slips=MISTAKE)
    nbformat.write(completed(student, load_course().lesson(SLUG)), folder / f"{SLUG}.ipynb")
    port = free_port()
    options = [
        f"--port={port}",
        "--ip=127.0.0.1",
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=",
    ]
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={folder}"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}/lab"
    until(lambda: answers(address))
    yield address
    server.terminate()
    server.wait(timeout=PATIENCE)


def test_a_wrong_answer_in_jupyterlab_is_explained_in_the_lessons_language(lab, browser, tmp_path):
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(f"{lab}/tree/{SLUG}.ipynb?reset", wait_until="domcontentloaded")
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    notebook.locator(".jp-Cell").first.wait_for(timeout=1000 * PATIENCE)
    verdict = notebook.locator(".fedcourse-verdict").first
    # Shift+Enter, as a learner does, until the first check answers: Lab draws cells as they come into view.
    notebook.locator(".jp-MarkdownCell").first.click()
    for _press in range(60):
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(300)
        if verdict.count():
            break
    verdict.wait_for(timeout=1000 * PATIENCE)
    use_language("ko")
    said = verdict.text_content()
    assert _("takes one step on one batch") in said
    assert _("The step goes up the slope. Subtract the gradient, do not add it.") in said
    verdict.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / "lab.png")
    pictures = notebook.locator(".jp-OutputArea img")
    assert pictures.count() and all(picture.get_attribute("alt") for picture in pictures.all())
    page.close()
