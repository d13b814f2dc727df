"""The doctor names what is missing, works when it is, and is content only where a lesson can run."""

import os
import signal
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from processes import PATIENCE

from fedcourse import doctor
from fedcourse.i18n import use_language

ROOT = Path(__file__).parent.parent


def marks(findings) -> str:
    return "".join(str(finding)[0] for finding in findings)


@pytest.fixture
def no_probes(monkeypatch):
    """Child processes answer at once, and find nothing wrong."""
    monkeypatch.setattr(doctor, "_complaint", lambda code: "")


def hide_distribution(monkeypatch, hidden):
    version = metadata.version

    def look_up(name):
        if name == hidden:
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(doctor.metadata, "version", look_up)


@pytest.mark.slow
def test_all_is_well_here(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "PROBE_SECONDS", PATIENCE)
    assert doctor.run() == 0
    out = capsys.readouterr().out
    assert "✘" not in out
    assert "A federated round runs." in out
    assert "✔ tensorflow-federated 0.87.0" in out


@pytest.mark.parametrize("package", doctor.PACKAGES)
def test_each_missing_package_is_named_with_its_remedy(monkeypatch, no_probes, capsys, package):
    hide_distribution(monkeypatch, package)
    assert doctor.run() == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("✘")]
    assert line.startswith(f"✘ {package} is not installed. → Run `make setup`")


@pytest.mark.parametrize(
    "version, wanted, well",
    [
        ("2.14.1", "2.14", True),
        ("2.140", "2.14", False),
        ("2.15", "2.14", False),
        ("0.87.0", "0.87.0", True),
        ("9", "", True),
    ],
)
def test_versions(monkeypatch, version, wanted, well):
    monkeypatch.setattr(doctor.metadata, "version", lambda name: version)
    finding = doctor._package("tensorflow", wanted)
    assert finding.well is well
    assert version in finding.what


def test_the_doctor_itself_needs_no_package():
    """In a Python where nothing but the standard library can be imported."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from fedcourse import doctor
doctor._complaint = lambda code: "blocked"
sys.exit(doctor.run())
"""
    child = subprocess.run(
        [sys.executable, "-S", "-I", "-c", code],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={"FEDCOURSE_LANG": "en", "HOME": "/"},
    )
    assert child.returncode == 1, child.stderr
    assert child.stderr == ""
    for package in doctor.PACKAGES:
        assert f"✘ {package} is not installed." in child.stdout
    assert child.stdout.count("blocked") == 4
    assert "jupyter_client does not load" in child.stdout


def test_a_wrong_python_and_platform(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 12, 1))
    monkeypatch.setattr(doctor.platform, "system", lambda: "Darwin")
    assert marks([doctor._python(), doctor._platform()]) == "✘✘"
    assert "Darwin" in str(doctor._platform())
    assert "Colab" in str(doctor._platform())


@pytest.mark.parametrize(
    "code, complaint",
    [
        ("pass", ""),
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        (f"import os; os.kill(os.getpid(), {signal.SIGSEGV:d})", "stopped by signal 11"),
        ("raise SystemExit(3)", "exit code 3"),
    ],
)
def test_what_a_child_process_complains_of(monkeypatch, code, complaint):
    monkeypatch.setattr(doctor, "PROBE_SECONDS", PATIENCE)
    assert doctor._complaint(code) == complaint


def test_a_hanging_child_is_given_up(monkeypatch):
    monkeypatch.setattr(doctor, "PROBE_SECONDS", 0.5)
    assert doctor._complaint("import time; time.sleep(60)") == "no answer within 0.5 s"


def test_a_round_that_fails_is_reported_with_its_reason(monkeypatch):
    monkeypatch.setattr(doctor, "_complaint", lambda code: "boom {x}" if code == doctor.ROUND else "")
    findings = list(doctor._probes())
    assert marks(findings) == "✔✔✘✔"
    assert "boom {x}" in str(findings[2])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        ("#!/bin/sh\nexit 3", 0o755, "exit code 3"),
        ("not a program", 0o644, "Permission denied"),
        (None, 0, "No such file"),
    ],
)
def test_a_worker_that_cannot_start_is_named_with_the_systems_reason(
    monkeypatch, tmp_path, content, mode, words
):
    """TFF stands in another place, with another worker."""
    worker = tmp_path / "tensorflow_federated" / "data" / "worker_binary"
    worker.parent.mkdir(parents=True)
    (worker.parents[1] / "__init__.py").touch()
    if content:
        worker.write_text(content)
        worker.chmod(mode)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert words in doctor._complaint(doctor.WORKER)


@pytest.mark.slow
def test_a_round_without_a_worker_does_not_send_the_reader_to_the_doctor_again():
    """What `runtime` says elsewhere is: run the doctor."""
    broken = "runtime._BINARY = '/bin/false'\nruntime.start()"
    complaint = doctor._complaint(doctor.ROUND.replace("runtime.start()", broken))
    assert "exit code 1" in complaint and "doctor" not in complaint


@pytest.fixture
def progress(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "progress.sqlite"


def test_progress_that_can_be_kept_is_well_and_the_look_leaves_nothing(progress):
    assert marks([doctor._progress()]) == "✔" and not progress.parent.exists()
    progress.parent.mkdir()
    with closing(sqlite3.connect(progress)) as database:
        database.executescript("create table checks (exercise text); insert into checks values ('one');")
    before = progress.read_bytes()
    assert marks([doctor._progress()]) == "✔"
    assert progress.read_bytes() == before and list(progress.parent.iterdir()) == [progress]


def test_progress_that_cannot_be_kept_is_named_with_the_reason(progress, monkeypatch):
    progress.parent.mkdir()
    progress.write_bytes(b"not a database" * 100)
    assert "not a database" in str(doctor._progress())
    with closing(sqlite3.connect(progress.with_name("other"))) as held:
        held.execute("begin exclusive")
        progress.with_name("other").replace(progress)
        monkeypatch.setattr(doctor, "LOCKED_SECONDS", 0.1)
        assert "locked" in str(doctor._progress())
    connect = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda path, timeout: connect(f"file:{path}?mode=ro", uri=True))
        assert "readonly" in str(doctor._progress())
    monkeypatch.setenv("FEDCOURSE_HOME", "/proc/nowhere")
    assert "✘ Your progress in /proc/nowhere/progress.sqlite cannot" in str(doctor._progress())
    monkeypatch.setenv("FEDCOURSE_HOME", "~nosuchuser/here")
    assert "FEDCOURSE_HOME=/" in str(doctor._progress()) and marks([doctor._progress()]) == "✘"


def test_a_user_without_a_home_folder_is_no_crash(monkeypatch):
    def unknown():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(doctor.Path, "home", unknown)
    assert "GB" in str(doctor._disk()) and marks([doctor._emnist()]) == "·"


def test_a_missing_kernel(monkeypatch):
    assert doctor._kernel().well is True
    monkeypatch.setattr("jupyter_client.kernelspec.find_kernel_specs", dict)
    assert "no Python kernel" in str(doctor._kernel())
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    assert doctor._kernel().well is False


def test_a_full_disk(monkeypatch):
    monkeypatch.setattr(doctor, "FREE_BYTES", 10**18)
    assert marks([doctor._disk()]) == "✘"


def test_what_is_only_good_to_know_does_not_fail(monkeypatch, no_probes, tmp_path, capsys):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    assert doctor.run() == 0
    assert [line[0] for line in capsys.readouterr().out.splitlines()].count("·") == 3
    (tmp_path / doctor.EMNIST).parent.mkdir()
    (tmp_path / doctor.EMNIST).touch()
    assert marks([doctor._emnist()]) == "✔"


@pytest.mark.parametrize("language", ["zh", "ko", "pt"])
def test_every_line_can_be_said_in_every_language(monkeypatch, no_probes, language):
    """A translation that lost a placeholder would raise here."""
    use_language(language)
    hide_distribution(monkeypatch, "jupyter")
    assert doctor.run() == 1
    monkeypatch.setattr(doctor, "_complaint", lambda code: "reason")
    assert all("reason" in str(finding) for finding in doctor._probes())


def test_packages_agree_with_the_project():
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    declared = {Requirement(line).name: Requirement(line).specifier for line in dependencies}
    for name, wanted in doctor.PACKAGES.items():
        assert name in declared
        if wanted:
            assert declared[name].contains(wanted)


def test_emnist_is_where_the_data_module_puts_it():
    from fedcourse.data import handwriting

    assert handwriting.emnist_path() == Path.home() / doctor.EMNIST
