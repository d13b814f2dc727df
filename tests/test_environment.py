"""The environment: its descriptions agree, in the lock, for pip, for conda and for containers."""

import json
import os
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement

from tests.dockerfile import read_dockerfile
from tools import requirements, setup_environment
from tools.setup.interpreter import OLDEST_UV, find_uv
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
    "target", ["help", "setup", "demo", "test", "heavy", "lab", "build", "status", "bench", "clean"]
)
def test_make_knows_the_target_and_help_lists_it(target):
    subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)
    listing = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert f"  make {target} " in listing


# --- how much it is ---


def test_the_set_up_says_how_much_disk_it_needs():
    names = {package["name"] for package in LOCK["package"]}
    unpacked = bytecode = 0
    for distribution in metadata.distributions():
        if distribution.name.lower().replace("_", "-") not in names:
            continue
        for file in distribution.files or []:
            path = file.locate()
            unpacked += file.size or 0
            if file.suffix == ".py":
                cached = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
                bytecode += cached.stat().st_size if cached.exists() else 0
    assert pytest.approx(unpacked, rel=0.15) == setup_environment.UNPACKED_BYTES
    assert pytest.approx(bytecode, rel=0.3) == setup_environment.BYTECODE_BYTES


def test_a_uv_of_the_users_is_as_new_as_the_project_asks_for():
    required = PROJECT["tool"]["uv"]["required-version"]
    assert required == ">=" + ".".join(map(str, OLDEST_UV))


# --- containers ---


def test_the_image_is_made_from_the_lock_by_an_ordinary_user():
    stages = read_dockerfile(ROOT / "Dockerfile")
    last = [instruction for stage in stages.values() for instruction in stage]
    assert "make setup" in " ".join(words for name, words in last if name == "RUN")
    assert not [words for name, words in last if name == "RUN" and "pip install" in words]
    assert [words for name, words in last if name == "USER"] == ["${NB_USER}"]
    assert json.loads(last[-1][1])[:2] == ["jupyter", "lab"]
    (base,) = (words for name, words in last if name == "FROM" and "debian" in words)
    assert base.split()[:2] == ["--platform=linux/amd64", "debian:bookworm-slim"]


def test_the_dev_container_takes_the_images_system_and_sets_up_in_the_clone():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    build = container["build"]
    folder = ROOT / ".devcontainer"
    assert (folder / build["dockerfile"]).samefile(ROOT / "Dockerfile")
    assert (folder / build["context"]).samefile(ROOT)
    assert build["target"] in read_dockerfile(ROOT / "Dockerfile")
    assert container["onCreateCommand"] == "make setup"
    assert "/.venv/bin:" in container["remoteEnv"]["PATH"]
    # The same that the Dockerfile says grading needs.
    said = (ROOT / "Dockerfile").read_text()
    assert all(argument.replace("opt=", "opt ") in said for argument in container["runArgs"])


def test_what_git_ignores_stays_out_of_the_image():
    left_out = (ROOT / ".dockerignore").read_text().splitlines()
    for line in (ROOT / ".gitignore").read_text().splitlines():
        if line and not line.startswith("#"):
            assert any(fnmatch(line.strip("/"), kept.strip("/").removeprefix("**/")) for kept in left_out), (
                line
            )


@pytest.mark.slow
def test_binder_takes_the_dockerfile():
    code = (
        "from repo2docker.app import Repo2Docker\n"
        "print(next(pack.__name__ for pack in Repo2Docker().buildpacks if pack('any').detect()))"
    )
    run = [find_uv(sys.executable), "run", "--no-project", "--quiet", "--with", "jupyter-repo2docker==2026.4"]
    command = [*run, "--python", sys.executable, "python", "-c", code]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "DockerBuildPack"


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_go_to_one_process(request):
    """Else each process makes the group's fixtures anew, which takes minutes and breaks nothing."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("there is one process only")
    assert request.node.nodeid.endswith("@together")
