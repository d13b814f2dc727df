"""The wheel, installed: all of the packages is in it, and it works without the repository.

`FEDCOURSE_WHEELS` names a folder with a wheel to test; else one is built.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename

from tools.setup_environment import ROOT, find_uv

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

TARGET = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
EXERCISE = "lesson01_federated_data.label_counts"


def run(*command: str | Path, **options) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel under test."""
    folder = Path(os.environ.get("FEDCOURSE_WHEELS") or tmp_path_factory.mktemp("dist")).absolute()
    if "FEDCOURSE_WHEELS" not in os.environ:
        run(find_uv(sys.executable), "build", "--quiet", "--wheel", "--out-dir", folder, ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of its own, with what requirements.txt lists, and the wheel."""
    folder, uv = tmp_path_factory.mktemp("installed"), find_uv(sys.executable)
    python = folder / "bin" / "python"
    run(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder)
    install = [uv, "pip", "install", "--quiet", "--no-deps", "--python", python]
    run(*install, "-r", ROOT / "requirements.txt")
    run(*install, wheel)
    return python


def test_it_has_every_file_of_the_packages_and_no_tests_or_tools(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {Path(name) for name in archive.namelist()}
    expected = set()
    for package in map(Path, TARGET["packages"]):
        listed = run("git", "ls-files", "-co", "--exclude-standard", "--", package, cwd=ROOT).splitlines()
        assert listed
        expected |= {Path(name).relative_to(package.parent) for name in listed if (ROOT / name).is_file()}
    assert expected | {Path("course.toml")} <= inside
    assert not {path.parts[0] for path in inside} & {"tests", "tools", "benchmarks", "lessons", "source"}


def test_its_version_comes_from_git(wheel):
    _name, version, _build, _tags = parse_wheel_filename(wheel.name)
    assert version.release > (0, 0)
    tag = subprocess.run(
        ["git", "describe", "--tags", "--exact-match", "--match", "v[0-9]*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if tag.returncode == 0 and not run("git", "status", "--porcelain", cwd=ROOT):
        assert f"v{version}" == tag.stdout.strip()


def test_it_is_what_runs(python, wheel, tmp_path):
    code = "import fedcourse, importlib.metadata as m; print(fedcourse.__file__, m.version('fedcourse'))"
    file, version = run(python, "-c", code, cwd=tmp_path).split()
    assert Path(file).is_relative_to(python.parent.parent)
    assert version == str(parse_wheel_filename(wheel.name)[1])


def test_it_brings_the_kernel_of_the_sandbox(python):
    installed = json.loads(run(python, "-m", "jupyter_client.kernelspecapp", "list", "--json"))["kernelspecs"]
    folder = Path(installed["fedcourse-sandbox"]["resource_dir"])
    assert folder.is_relative_to(python.parent.parent)
    code = "from importlib.metadata import entry_points; print(entry_points(name='fedcourse-sandbox'))"
    assert "EntryPoint" in run(python, "-c", code)


def test_it_checks_an_answer_in_another_language(python, tmp_path):
    slug, name = EXERCISE.split(".")
    (tmp_path / "answer.py").write_text(f"from solutions.{slug} import {name}\n")
    command = [python.parent / "fedcourse", "--lang", "ko", "check", EXERCISE, "--answer", "answer.py"]
    environment = {**os.environ, "FEDCOURSE_HOME": str(tmp_path / "home")}
    said = run(*command, cwd=tmp_path, env=environment)
    assert "✔" in said
    assert any("가" <= letter <= "힣" for letter in said)


def test_it_grades_in_the_sandbox(python, tmp_path):
    slug, _name = EXERCISE.split(".")
    notebook = f"{slug}/{slug}.ipynb"
    for place in ("source", "submitted/somebody"):  # the instructor's own notebook, with the solutions
        (tmp_path / place / slug).mkdir(parents=True)
        shutil.copy(ROOT / "source" / notebook, tmp_path / place / notebook)
    # nbgrader starts `alembic` from the PATH.
    environment = {**os.environ, "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]])}
    run("nbgrader", "generate_assignment", slug, cwd=tmp_path, env=environment)
    grade = ["grade", slug, "--workers", "1", "--json", "out.json"]
    run("fedcourse", *grade, cwd=tmp_path, env=environment)
    [outcome] = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert outcome["sandboxed"]
    assert outcome["points"] == outcome["max_points"] > 0
