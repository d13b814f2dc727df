"""The wheel is all that is needed: installed where there is no clone, one can hand out, check and grade.

`FEDCOURSE_WHEELS` names a folder with a wheel to test; else one is built.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from packaging.utils import parse_wheel_filename

from fedgrader.course import ROOT
from fedgrader.course.definitions import definitions
from tools.setup_environment import find_uv

SLUG = "lesson01_federated_data"
pytestmark = [pytest.mark.slow(100), pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, folder: Path, python: Path | None = None) -> str:
    """What a command prints, with nothing of this clone within its reach."""
    own = ("PYTHON", "FEDCOURSE", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    environment |= {"FEDCOURSE_HOME": str(folder / "home"), "FEDCOURSE_LANG": "en"}
    if python:
        environment["PATH"] = f"{python.parent}{os.pathsep}{environment['PATH']}"
    ended = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("FEDCOURSE_WHEELS") or tmp_path_factory.mktemp("wheel")).absolute()
    if "FEDCOURSE_WHEELS" not in os.environ:
        run(find_uv(sys.executable), "build", "--wheel", "--out-dir", folder, ROOT, folder=folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of its own, with the wheel and the packages of requirements.txt, but no clone."""
    folder = tmp_path_factory.mktemp("environment")
    uv, python = find_uv(sys.executable), folder / "venv" / "bin" / "python"
    run(uv, "venv", "--python", sys.executable, folder / "venv", folder=folder)
    pinned = ("--no-deps", "-r", ROOT / "requirements.txt")
    run(uv, "pip", "install", "--compile-bytecode", "--python", python, *pinned, folder=folder)
    run(uv, "pip", "install", "--python", python, "--no-deps", wheel, folder=folder)
    return python


@pytest.fixture(scope="module")
def course(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the installed command has made, with the first lesson released."""
    folder = tmp_path_factory.mktemp("instructor")
    run(python.with_name("fedcourse"), "course", "class", folder=folder, python=python)
    run(python.with_name("nbgrader"), "generate_assignment", SLUG, folder=folder / "class", python=python)
    return folder / "class"


def solved(released: Path) -> nbformat.NotebookNode:
    """The released notebook with the reference solutions in it."""
    solutions = definitions((ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8"))
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = solutions.get(name, cell.source)
    return notebook


def test_it_puts_two_packages_on_the_path_and_the_course_s_files_into_one_of_them(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if ".dist-info" not in top and ".data" not in top} == {
        "fedcourse",
        "fedgrader",
    }
    assert f"fedgrader/files/lessons/ko/{SLUG}.ipynb" in names
    assert "fedgrader/files/nbgrader_config.py" in names


def test_its_version_comes_from_git(wheel: Path, python: Path, tmp_path: Path):
    version = parse_wheel_filename(wheel.name)[1]
    assert version.release > (0, 0)
    code = "from importlib.metadata import version; print(version('fedcourse'))"
    assert run(python, "-c", code, folder=tmp_path).strip() == str(version)


def test_it_brings_the_kernel_of_the_sandbox(python: Path, tmp_path: Path):
    listed = run(python, "-m", "jupyter_client.kernelspecapp", "list", "--json", folder=tmp_path)
    folder = Path(json.loads(listed)["kernelspecs"]["fedcourse-sandbox"]["resource_dir"])
    assert folder.is_relative_to(python.parent.parent)


def test_handed_in_work_is_checked_and_graded(python: Path, course: Path):
    released = course / "release" / SLUG / f"{SLUG}.ipynb"
    handed_in = course / "submitted" / "ana" / SLUG / released.name
    handed_in.parent.mkdir(parents=True)
    nbformat.write(solved(released), handed_in)
    checked = run(python.with_name("fedcourse"), "check", handed_in, folder=course, python=python)
    assert checked.count("✔") >= 4
    graded = run(python.with_name("fedcourse"), "grade", SLUG, folder=course, python=python)
    assert "1 graded, 0 need attention" in graded
    assert "14 / 14" in run(python.with_name("fedcourse"), "report", folder=course, python=python)


def test_the_sandbox_shows_no_solution_there_either(python: Path):
    code = "from fedgrader.running.sandbox.host import bubblewrap as b; print(*b(), sep='\\n')"
    sandbox = run(python, "-c", code, folder=python.parent).splitlines()
    find = ["/usr/bin/find", "/course", "/packages/fedcourse", "/packages/fedgrader", "-type", "f"]
    seen = run(*sandbox, *find, folder=python.parent).split()
    assert {path.split("/")[2] for path in seen} == {"fedcourse", "fedgrader"}
    assert not [path for path in seen if "/files/" in path or "/checks/" in path]


def test_a_clone_is_not_needed_to_find_what_older_notebooks_import(python: Path, tmp_path: Path):
    code = "import fedcourse; from autograder import check; print(check.__module__)"
    assert run(python, "-c", code, folder=tmp_path).strip() == "fedgrader.study.instant"
