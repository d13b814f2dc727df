"""The environment: its descriptions agree, and setting it up says what is wrong in a sentence."""

import ast
import os
import subprocess
import tomllib
from importlib import metadata
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement

from tools import requirements, setup_environment
from tools.setup_environment import ROOT

REQUIRED = {
    "tensorflow",
    "tensorflow-federated",
    "tensorflow-model-optimization",
    "nest-asyncio",
    "jupyter",
    "nbgrader",
    "matplotlib",
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())


def conda_pip() -> list[Requirement]:
    """The pip part of environment.yml, the course itself aside."""
    (part,) = (entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))
    return [Requirement(line) for line in part if line != "-e ."]


def pip_pins() -> dict[Requirement, list[str]]:
    """What requirements.txt pins, each with its hashes."""
    text = requirements.REQUIREMENTS.read_text().replace(" \\\n", "")
    lines = [line.split("    --hash=") for line in text.splitlines() if not line.startswith("#")]
    return {Requirement(pin): hashes for pin, *hashes in lines}


def locked_versions() -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for package in LOCK["package"]:
        if "version" not in package:  # the course's own comes from git
            continue
        versions.setdefault(package["name"], set()).add(package["version"])
    return versions


def as_set(requirement: Requirement) -> tuple:
    return requirement.name, frozenset(requirement.extras), requirement.specifier


def test_lock_is_made_from_this_pyproject():
    (course,) = (package for package in LOCK["package"] if package["name"] == "fedcourse")
    optional = [entry for extra in PROJECT["project"]["optional-dependencies"].values() for entry in extra]
    listed = [
        (course["metadata"]["requires-dist"], PROJECT["project"]["dependencies"] + optional),
        (course["metadata"]["requires-dev"]["dev"], PROJECT["dependency-groups"]["dev"]),
        (LOCK["manifest"]["overrides"], PROJECT["tool"]["uv"]["override-dependencies"]),
    ]
    for locked, declared in listed:
        lines = [
            f"{entry['name']}[{','.join(entry.get('extras', []))}]{entry.get('specifier', '')}"
            for entry in locked
        ]
        assert {as_set(Requirement(line)) for line in lines} == {as_set(Requirement(d)) for d in declared}


def test_requirements_are_a_fresh_export_of_the_lock():
    written = requirements.REQUIREMENTS.read_text()
    assert written == requirements.requirements(), "run `python -m tools.requirements`"


def test_every_pin_has_a_hash():
    assert [str(pin) for pin, hashes in pip_pins().items() if not hashes] == []


def test_required_packages_are_named_everywhere():
    assert {Requirement(line).name for line in PROJECT["project"]["dependencies"]} >= REQUIRED
    assert {entry.name for entry in conda_pip()} >= REQUIRED
    assert {pin.name for pin in pip_pins()} >= REQUIRED


def test_conda_pins_what_the_lock_pins():
    locked = locked_versions()
    for entry in conda_pip():
        for pin in entry.specifier:
            if pin.operator == "==":
                assert {pin.version} == locked[entry.name], entry.name


def test_conda_brings_the_jaxlib_that_tff_asks_for():
    wanted = {Requirement(line).name: Requirement(line) for line in metadata.requires("tensorflow-federated")}
    for name in ("jax", "jaxlib"):
        (version,) = (
            line.split("=")[1] for line in CONDA["dependencies"] if str(line).startswith(f"{name}=")
        )
        assert version in wanted[name].specifier
    assert CONDA["name"] == "fedcourse"
    assert CONDA["channels"] == ["conda-forge"]
    assert "python=3.11" in CONDA["dependencies"]


def test_ci_runs_make_test_and_nothing_else():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test"]


@pytest.mark.parametrize(
    "target", ["help", "setup", "demo", "test", "lab", "build", "status", "bench", "clean"]
)
def test_make_knows_the_target_and_help_lists_it(target):
    subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)
    listing = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert f"  make {target} " in listing


# --- tools/setup_environment.py ---


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project folder without an environment, on a machine where nothing is really run."""
    (tmp_path / "uv.lock").write_text("lock")
    (tmp_path / "pyproject.toml").write_text("project")
    monkeypatch.setattr(setup_environment, "ROOT", tmp_path)
    monkeypatch.setattr(setup_environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup_environment, "STAMP", tmp_path / ".venv" / "complete")
    monkeypatch.setattr(setup_environment, "python_version", lambda python: "3.11")
    return tmp_path


@pytest.fixture
def commands(root, monkeypatch):
    """The commands that would have been run; uv makes `.venv`, and each ends with `commands.code`."""
    record = SimpleNamespace(run=[], code=0)

    def run(command, **options):
        record.run.append(command)
        if "sync" in command:
            (root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
            (root / ".venv" / "bin" / "python").touch()
        return SimpleNamespace(returncode=record.code)

    monkeypatch.setattr(setup_environment.subprocess, "run", run)
    monkeypatch.setattr(setup_environment.shutil, "which", lambda name, path=None: f"/somewhere/{name}")
    return record


def set_up(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["setup_environment.py", *arguments])
    setup_environment.main()


def test_any_python_3_can_read_the_set_up():
    ast.parse((ROOT / "tools" / "setup_environment.py").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("system, machine", [("Darwin", "arm64"), ("Windows", "AMD64"), ("Linux", "aarch64")])
def test_another_platform_is_told_where_to_go(monkeypatch, system, machine):
    monkeypatch.setattr(setup_environment.platform, "system", lambda: system)
    monkeypatch.setattr(setup_environment.platform, "machine", lambda: machine)
    with pytest.raises(SystemExit, match=f"this is {system} {machine}.*WSL2.*Colab"):
        setup_environment.check_platform()


@pytest.mark.parametrize("libc", [("", ""), ("glibc", "2.28")])
def test_an_old_or_other_c_library_is_told(monkeypatch, libc):
    monkeypatch.setattr(setup_environment.platform, "system", lambda: "Linux")
    monkeypatch.setattr(setup_environment.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(setup_environment.platform, "libc_ver", lambda: libc)
    with pytest.raises(SystemExit, match=r"needs glibc 2\.31"):
        setup_environment.check_platform()


def test_another_python_is_told_how_to_get_3_11(monkeypatch):
    monkeypatch.setattr(setup_environment, "python_version", lambda python: "3.12")
    with pytest.raises(
        SystemExit, match=r"needs Python 3.11.*apt install python3.11.*uv python install 3.11"
    ):
        setup_environment.find_python()


def test_python_3_11_beside_another_is_found(monkeypatch):
    monkeypatch.setattr(setup_environment.sys, "executable", "/usr/bin/python3.13")
    monkeypatch.setattr(setup_environment.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(setup_environment, "python_version", lambda python: python[-4:])
    assert setup_environment.find_python() == "/usr/bin/python3.11"


def test_a_python_that_does_not_run_has_no_version(tmp_path):
    assert setup_environment.python_version(str(tmp_path / "python3.11")) == ""


def test_uv_comes_from_pip_where_there_is_none(root, commands, monkeypatch):
    monkeypatch.setattr(setup_environment.shutil, "which", lambda name: None)
    assert setup_environment.find_uv("python3.11") == str(root / ".uv" / "bin" / "uv")
    (pip,) = commands.run
    assert pip[:4] == ["python3.11", "-m", "pip", "install"]
    assert pip[-2:] == [str(root / ".uv"), f"uv=={setup_environment.UV_VERSION}"]
    commands.code = 1
    with pytest.raises(SystemExit, match="pip could not install uv"):
        setup_environment.find_uv("python3.11")


def test_a_repeat_runs_nothing(commands, monkeypatch):
    set_up(monkeypatch)
    (sync,) = commands.run
    assert sync[1:4] == ["sync", "--frozen", "--compile-bytecode"]
    set_up(monkeypatch)
    assert len(commands.run) == 1


def test_a_changed_lock_is_installed(root, commands, monkeypatch):
    set_up(monkeypatch)
    (root / "uv.lock").write_text("another lock")
    set_up(monkeypatch)
    assert len(commands.run) == 2


def test_a_failed_install_says_so_and_is_taken_up_again(commands, monkeypatch):
    commands.code = 2
    with pytest.raises(SystemExit, match=r"did not finish.*network.*disk.*Run the same command again"):
        set_up(monkeypatch)
    commands.code = 0
    set_up(monkeypatch)
    assert len(commands.run) == 2


def test_an_interrupted_change_does_not_pass_for_complete(root, commands, monkeypatch):
    set_up(monkeypatch)
    (root / "uv.lock").write_text("another lock")
    commands.code = 2
    with pytest.raises(SystemExit):
        set_up(monkeypatch)
    (root / "uv.lock").write_text("lock")
    assert not setup_environment.is_complete()


def test_a_full_disk_is_told_before_the_install(commands, monkeypatch):
    monkeypatch.setattr(setup_environment.shutil, "disk_usage", lambda path: SimpleNamespace(free=10**9))
    with pytest.raises(SystemExit, match=r"4 GB, and .* has 1\.0 GB left"):
        set_up(monkeypatch)
    assert not commands.run


def lacking(monkeypatch, *commands, user=0):
    """A machine without these commands, used by `user`."""
    monkeypatch.setattr(setup_environment.os, "geteuid", lambda: user)
    monkeypatch.setattr(
        setup_environment.shutil, "which", lambda name, path=None: None if name in commands else name
    )


def apt(*packages):
    return [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]]


def test_test_tools_are_installed_by_root(commands, monkeypatch):
    lacking(monkeypatch, "msgfmt", "bwrap", "initdb", "postgres")
    setup_environment.install_test_tools()
    assert commands.run == apt("bubblewrap", "gettext", "postgresql")
    commands.code = 100
    with pytest.raises(SystemExit, match="apt-get could not install bubblewrap, gettext, postgresql"):
        setup_environment.install_test_tools()


def test_test_tools_are_left_to_others_by_a_user(commands, monkeypatch):
    lacking(monkeypatch, *setup_environment.TEST_TOOLS, user=1000)
    with pytest.raises(SystemExit, match=r"sudo apt-get install .*bubblewrap chromium gettext postgresql"):
        setup_environment.install_test_tools()
    assert not commands.run


def test_a_server_off_the_path_is_found(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(setup_environment.Path, "glob", lambda *_: [tmp_path / "9" / "bin"])
    monkeypatch.setattr(setup_environment.shutil, "which", lambda name, path=None: asked.append(path) or path)
    assert setup_environment.find_tool("initdb") == str(tmp_path / "9" / "bin")
    assert asked == [None, str(tmp_path / "9" / "bin")]


def test_set_up_by_root_brings_the_sandbox_and_goes_on_without(commands, monkeypatch):
    lacking(monkeypatch, "bwrap")
    set_up(monkeypatch)
    assert commands.run[1:] == apt("bubblewrap")
    commands.run.clear()
    commands.code = 100
    setup_environment.install_sandbox()
    assert commands.run == apt("bubblewrap")[:1]


def test_set_up_by_a_user_leaves_the_sandbox_alone(commands, monkeypatch):
    lacking(monkeypatch, "bwrap", user=1000)
    setup_environment.install_sandbox()
    assert not commands.run
