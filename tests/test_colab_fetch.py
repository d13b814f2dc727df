"""The set-up cell fetches the course of its own release, and says what to do where it cannot."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from colab_fixtures import COLAB, NEWEST, READY, Site, errors, ready, setup_cell, text
from processes import PATIENCE

from fedcourse import colab, i18n
from fedgrader.course import load_course
from tools.header import SETUP_WORDS
from tools.setup_environment import find_uv

pytest_plugins = ["colab_fixtures"]
WHICH = "from fedcourse.which import COMMIT, RELEASE\nprint(RELEASE, COMMIT)"
EVERY = pytest.mark.parametrize(
    ("language", "packages"),
    list(zip(load_course().languages, (COLAB, NEWEST, COLAB, NEWEST), strict=True)),
    ids=load_course().languages,
)


def in_kernels(test: Callable) -> Callable:
    """Mark a test that installs the course or starts kernels: one process does all that."""
    return pytest.mark.slow(250)(pytest.mark.xdist_group("colab")(test))


def said(language: str, key: str) -> str:
    """The set-up cell's words, as the catalog has them."""
    with i18n.speaking(language):
        return i18n._(SETUP_WORDS[key])


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory):
    """A home where nothing has been installed."""
    return tmp_path_factory.mktemp("empty")


# --- what cannot be fetched ---


@in_kernels
@EVERY
def test_another_address_is_told_from_no_network(language, packages, site, session, empty):
    notebook, cell = session(packages, home=empty), setup_cell(site, language)
    address = f"{site.address}/raw/main/fedcourse/colab.py"
    for answer, key, reason in (
        ("404", "gone", "HTTP Error 404"),
        ("500", "offline", "HTTP Error 500"),
        ("hang up", "offline", "Remote end closed connection without response"),
        ("silence", "offline", "timed out"),
        ("cut", "offline", "IncompleteRead"),
    ):
        site.answer = answer
        impatient = cell.replace(f"timeout={PATIENCE}", "timeout=2")
        shown = notebook.run(impatient if answer == "silence" else cell)
        assert text(shown) == ""
        [error] = errors(shown)
        assert error["ename"] == "SystemExit"
        words, _, where = error["evalue"].partition("\n")
        assert words == said(language, key)
        assert where.startswith(f"{address}: ")
        assert reason in where


@in_kernels
@EVERY
def test_what_is_missing_behind_the_first_file_is_named_too(language, packages, site, session, empty):
    notebook, cell = session(packages, home=empty), setup_cell(site, language)
    site.fails = "requirements.txt"
    for answer, key in (("404", "gone"), ("500", "offline"), ("cut", "offline")):
        site.answer = answer
        [error] = errors(notebook.run(cell))
        assert error["ename"] == "Stopped"
        words, _, where = error["evalue"].partition("\n")
        assert words == said(language, key)
        assert where.startswith(f"{site.address}/raw/main/requirements.txt: ")


def test_a_server_that_keeps_silent_is_not_waited_for_for_ever(site, monkeypatch):
    monkeypatch.setattr(colab, "FETCH_SECONDS", 1)
    site.answer = "silence"
    with pytest.raises(colab.Stopped, match=r"/raw/main/x: .*timed out"):
        colab.Published(site.address, "main").file("x")


@in_kernels
def test_without_any_server_the_first_cell_says_so(session, empty):
    nowhere = Site(empty, "http://127.0.0.1:9/owner/name")
    [error] = errors(session(home=empty).run(setup_cell(nowhere)))
    assert error["evalue"].startswith(said("en", "offline"))
    assert "Connection refused" in error["evalue"]


@in_kernels
def test_a_release_that_is_not_there_is_named(site, session, empty):
    [error] = errors(session(home=empty).run(setup_cell(site, release="v7.0")))
    assert error["evalue"].startswith(said("en", "gone"))
    assert f"{site.address}/raw/v7.0/fedcourse/colab.py" in error["evalue"]


@in_kernels
def test_once_installed_it_needs_no_network(site, session, home, tmp_path):
    ready(session(), site)
    assert (tmp_path / "fedcourse_colab_main.py").exists()
    site.answer = "hang up"
    shown = session().run(setup_cell(site))
    assert READY in text(shown)
    assert "packages" not in text(shown), "nothing is installed again"


# --- installing ---


@in_kernels
def test_an_interrupted_installation_goes_on_at_the_next_run(site, session, empty):
    notebook = session(home=empty)
    shown = notebook.run(setup_cell(site), interrupt_at="packages")
    assert [error["ename"] for error in errors(shown)] == ["KeyboardInterrupt"]
    assert not (empty / "python" / "ready").exists()
    ready(notebook, site)


@in_kernels
def test_a_failed_step_is_named_with_what_the_installer_said(site, session, empty):
    notebook = session(home=empty, UV_OFFLINE="1", UV_CACHE_DIR=str(empty / "cache"))
    [error] = errors(notebook.run(setup_cell(site)))
    assert "The installation stopped here: TensorFlow, TFF and the rest" in error["evalue"]
    assert "it goes on where it was" in error["evalue"]
    assert not (empty / "python" / "ready").exists()


# --- releases ---


@pytest.fixture
def which(site, home, monkeypatch):
    """Installs a release where these tests have the course, and says which that then is, and its commit."""
    monkeypatch.setattr(colab, "HOME", home)
    monkeypatch.setenv("PATH", str(Path(find_uv(sys.executable)).parent), prepend=os.pathsep)

    def installed(release: str) -> list[str]:
        python = colab.install(colab.Published(site.address, release))
        asking = [python, "-I", "-c", WHICH]  # not the working tree's
        return subprocess.run(asking, capture_output=True, text=True, check=True).stdout.split()

    return installed


@in_kernels
def test_each_release_is_installed_as_it_is_and_a_branch_as_it_has_become(which, site, capsys):
    first = site.commit_of("main")
    site.tag("v0.1")
    second = site.commit()
    site.tag("v0.2")
    assert which("v0.2") == ["v0.2", second]
    assert which("v0.1") == ["v0.1", first]
    assert which("main") == ["main", second]
    capsys.readouterr()
    assert which("main") == ["main", second]
    assert capsys.readouterr().out == ""
    third = site.commit()
    assert which("main") == ["main", third]
    assert "I replace it" in capsys.readouterr().out


@in_kernels
def test_another_release_than_the_installed_one_is_not_taken_for_it(which, site):
    site.tag("v0.1")
    assert which("v0.1")[0] == "v0.1"
    site.answer = "hang up"
    assert which("v0.1")[0] == "v0.1"
    with pytest.raises(colab.Stopped, match="there is no network"):
        which("main")


@in_kernels
def test_a_notebook_runs_with_its_own_release_and_tells_of_a_newer_one(site, session):
    for tag in ("v0.9", "v0.10", "v0.10-rc1", "vision"):
        site.tag(tag)
    shown = (notebook := session()).run(setup_cell(site, "pt", "v0.9"))
    assert text(notebook.run(WHICH)).startswith("v0.9 ")
    assert "já saiu a v0.10." in text(shown)
    assert f"{site.address}/tree/v0.10/lessons" in text(shown)


@pytest.mark.parametrize(
    ("release", "answer", "told"),
    [
        ("v0.1", "well", "v0.2 is out"),
        ("v0.1.9", "well", "v0.2 is out"),
        ("v0.2", "well", ""),
        ("v0.3", "well", ""),
        ("main", "well", ""),
        ("v0.1", "404", ""),
        ("v0.1", "500", ""),
        ("v0.1", "hang up", ""),
        ("v0.1", "cut", ""),
    ],
)
def test_only_a_newer_release_is_told_of_and_failing_to_ask_is_silent(release, answer, told, site, capsys):
    for tag in ("v0.1", "v0.2"):
        site.tag(tag)
    site.answer = answer
    colab._tell_of_newer(colab.Published(site.address, release))
    printed = capsys.readouterr().out
    assert told in printed
    assert bool(told) == bool(printed)
    assert site.asked == ["info/refs?service=git-upload-pack"]


def test_the_commits_are_those_that_git_tells(site):
    site.tag("v0.1")
    commits = colab.Published(site.address, "main").commits
    assert commits["main"] == site.commit_of("main")
    assert commits["v0.1^{}"] == site.commit_of("v0.1")


@in_kernels
def test_an_older_notebook_names_no_release_and_gets_the_branch(site, session):
    """As the set-up cell was before it knew of releases."""
    cell = (
        "try:\n    import fedcourse\nexcept ModuleNotFoundError:\n"
        "    from pathlib import Path\n    from urllib.request import urlopen\n"
        f"    address = '{site.address}/raw/main/fedcourse/colab.py'\n"
        "    Path('fedcourse_colab.py').write_bytes(urlopen(address).read())\n"
        "    import fedcourse_colab\n"
        f"    fedcourse_colab.start('{site.address}', 'en')\n"
    )
    notebook = session()
    assert READY in text(notebook.run(cell))
    assert text(notebook.run(WHICH)).startswith("main ")
