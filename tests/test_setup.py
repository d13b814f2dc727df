"""Setting up works on any Linux with any Python, and says in a sentence what is wrong where it cannot.

What is run here is run for real, on a `Machine` whose course has no packages; `test_systems.py` has all.
"""

import ast
import os
import pty
import select
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests import clean_machine
from tests.clean_machine import Machine, commands_in, newer_python, stand_in
from tests.local_certificates import certificates
from tools import setup_environment
from tools.setup import ROOT, CannotSetUp, interpreter, step

SOURCES = [ROOT / "tools" / "setup_environment.py", *sorted((ROOT / "tools" / "setup").glob("*.py"))]


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(scope="module")
def pythons(tmp_path_factory) -> dict[str, str]:
    return clean_machine.pythons(tmp_path_factory.mktemp("pythons"))


@pytest.fixture(params=["real", "stand-in"])
def newer(request, tmp_path) -> str:
    """A Python that is too new: one of this machine, and one that only says so."""
    python = newer_python() if request.param == "real" else stand_in(tmp_path / "newer", minor=13)
    return python or pytest.skip("this machine has no Python 3.12 or newer")


def told(ended: subprocess.CompletedProcess) -> str:
    """The sentences of a set-up that stopped, which no traceback is."""
    assert ended.returncode
    assert "Traceback" not in ended.stdout + ended.stderr
    return " ".join(ended.stderr.split())


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_any_python_3_can_read_the_set_up(source):
    ast.parse(source.read_text(), feature_version=(3, 6))


# --- any Python ---


def test_where_python_is_newer_uv_gets_the_right_one_into_the_repository(machine, newer, pythons):
    machine.has_python(newer)
    machine.has_uv()
    done = machine.run("make", "setup", **pythons)
    assert done.returncode == 0, done.stderr
    assert "needs Python 3.11; this is 3.1" in done.stdout
    assert "Python 3.11, into .uv (30 MB) ... done" in done.stdout
    python = machine.course / ".venv" / "bin" / "python"
    assert interpreter.python_version(str(python)) == "3.11"
    assert python.resolve().is_relative_to(machine.course / ".uv" / "python")
    assert {path.name for path in machine.home.iterdir()} <= {".cache"}


def test_a_python_3_11_that_is_lost_is_got_again(machine, pythons):
    machine.has_python(stand_in(machine.home.parent / "newer", minor=13))
    machine.has_uv()
    assert machine.run("make", "setup", **pythons).returncode == 0
    shutil.rmtree(machine.course / ".uv")
    done = machine.run("make", "setup", **pythons)
    assert done.returncode == 0, done.stderr
    assert interpreter.python_version(str(machine.course / ".venv" / "bin" / "python")) == "3.11"


def test_where_uv_gets_no_python_it_says_how_to_get_one_here(machine, newer, tmp_path):
    machine.has_python(newer)
    machine.has_uv()
    words = told(machine.run("make", "setup", UV_PYTHON_INSTALL_MIRROR=(tmp_path / "none").as_uri()))
    assert "uv could not get Python 3.11" in words
    assert "No such file or directory" in words  # uv's own word
    assert any(command.startswith("conda create") for command in commands_in(words))


def test_python_3_11_beside_another_is_found(machine):
    machine.has_python(stand_in(machine.home.parent / "newer", minor=13))
    machine.has_uv()
    (machine.path / "python3.11").symlink_to(os.path.realpath(sys.executable))
    done = machine.run("python3", "tools/setup_environment.py")
    assert done.returncode == 0, done.stderr
    assert "needs Python 3.11" not in done.stdout


def test_without_any_python_make_says_so_and_still_helps(machine):
    assert "There is no Python 3. Get it" in told(machine.run("make", "setup"))
    assert machine.run("make", "-n", "clean").returncode == 0


def test_a_python_that_does_not_run_has_no_version(tmp_path):
    assert interpreter.python_version(str(tmp_path / "python3.11")) == ""


# --- uv, with pip or without ---


def test_uv_comes_from_pip(machine, tmp_path):
    machine.has_python(os.path.realpath(sys.executable))
    done = machine.run("make", "setup", **clean_machine.wheels(tmp_path / "wheels"))
    assert done.returncode == 0, done.stderr
    assert f"uv {interpreter.UV_VERSION}, which installs the rest ... done" in done.stdout
    assert (machine.course / ".uv" / "bin" / "uv").exists()


def test_where_python_has_no_pip_it_makes_an_environment_that_has(machine, tmp_path):
    machine.has_python(stand_in(tmp_path / "bare", missing=("pip",)))
    done = machine.run("make", "setup", **clean_machine.wheels(tmp_path / "wheels"))
    assert done.returncode == 0, done.stderr
    assert "pip, which installs uv ... done" in done.stdout
    assert not (machine.home / ".local").exists()


def test_where_neither_can_be_it_says_what_to_install(machine, tmp_path):
    machine.has_python(stand_in(tmp_path / "bare", missing=("pip", "venv")))
    words = told(machine.run("make", "setup"))
    assert "Python 3.11 has no pip here, and can make no environment with one. Get it with" in words


def test_a_uv_that_is_too_old_is_passed_over(machine, tmp_path):
    machine.has_python(os.path.realpath(sys.executable))
    (machine.path / "uv").write_text("#!/bin/sh\necho uv 0.6.17\n")
    (machine.path / "uv").chmod(0o755)
    done = machine.run("make", "setup", **clean_machine.wheels(tmp_path / "wheels"))
    assert done.returncode == 0, done.stderr
    assert (machine.course / ".uv" / "bin" / "uv").exists()


# --- the second time, and what changes ---


@pytest.fixture
def set_up(machine) -> Machine:
    machine.has_python(os.path.realpath(sys.executable))
    machine.has_uv()
    assert machine.run("make", "setup").returncode == 0
    return machine


def test_a_repeat_runs_nothing_and_says_what_to_type(set_up):
    (set_up.path / "uv").unlink()
    done = set_up.run("make", "setup")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("All is installed. Type this now")
    assert set_up.run("make", "installed").stdout == ""


def test_a_changed_lock_is_installed_and_an_interrupted_change_is_taken_up(set_up):
    lock = set_up.course / "uv.lock"
    before = lock.read_text()
    lock.write_text("no lock")
    assert "The install did not finish" in told(set_up.run("make", "setup"))
    lock.write_text(before)
    assert "Setting up the course" in set_up.run("make", "setup").stdout


@pytest.mark.parametrize("shell", ["bash", "dash", "zsh", "fish", "tcsh"])
def test_what_it_says_to_type_works_in_any_shell_from_any_folder(set_up, tmp_path, shell):
    if not shutil.which(shell):
        pytest.skip(f"this machine has no {shell}")
    command = set_up.course / ".venv" / "bin" / "fedcourse"
    command.write_text("#!/bin/sh\necho the course, $1\n")
    command.chmod(0o755)
    said = set_up.run("make", "setup", SHELL=f"/usr/bin/{shell}").stdout.splitlines()
    typed = "\n".join(line.strip() for line in said[-2:])
    environment = {**set_up.environment, "TERM": "dumb"}
    ran = subprocess.run(
        [shutil.which(shell), "-c", typed], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "the course, lab", ran.stderr


# --- what can go wrong ---


@pytest.fixture
def server(tmp_path, pythons):
    """The mirror of Pythons over HTTPS, with a certificate that only `authority` vouches for."""
    authority, own, key = certificates(tmp_path)
    folder = Path(pythons["UV_PYTHON_INSTALL_MIRROR"].removeprefix("file://"))
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder)) as httpd:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own, key)
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        address = f"https://localhost:{httpd.server_port}"
        yield {**pythons, "UV_PYTHON_INSTALL_MIRROR": address, "UV_HTTP_RETRIES": "0"}, str(authority)
        httpd.shutdown()


def test_a_proxys_certificate_is_explained_and_accepted_when_it_is_named(machine, server):
    environment, authority = server
    machine.has_python(stand_in(machine.home.parent / "newer", minor=13))
    machine.has_uv()
    stopped = machine.run("make", "setup", **environment)
    assert "again, trusting whom this system trusts" in stopped.stdout
    assert "A server's certificate was not accepted" in told(stopped)
    (named,) = (command for command in commands_in(told(stopped)) if "CERT" in command)
    variable = named.partition("=")[0]
    assert machine.run("make", "setup", **environment, **{variable: authority}).returncode == 0


def test_a_network_that_is_away_is_told(machine):
    machine.has_python(stand_in(machine.home.parent / "newer", minor=13))
    machine.has_uv()
    away = {"UV_PYTHON_INSTALL_MIRROR": "https://127.0.0.1:9", "UV_HTTP_RETRIES": "0"}
    assert "The network is away, or a server does not answer. Connect" in told(
        machine.run("make", "setup", **away)
    )


def test_a_disk_that_runs_no_programs_is_told(machine):
    machine.has_python(os.path.realpath(sys.executable))
    uv = machine.course / ".uv" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text("not executable, as nothing is on such a disk")
    assert "Permission denied" in told(machine.run("make", "setup"))


def test_an_interrupt_is_answered_in_a_sentence_and_ends_uv(machine):
    machine.has_python(os.path.realpath(sys.executable))
    started = machine.home / "started"
    os.mkfifo(started)
    (machine.path / "uv").write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo uv 9.0 && exit\necho $$ > ~/started\nexec env sleep 600\n'
    )
    (machine.path / "uv").chmod(0o755)
    (machine.path / "sleep").symlink_to(shutil.which("sleep"))
    process = subprocess.Popen(
        ["python3", "tools/setup_environment.py"],
        cwd=machine.course,
        env=machine.environment,
        executable=machine.path / "python3",
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    uv = int(started.read_text())
    os.killpg(process.pid, signal.SIGINT)
    _, words = process.communicate()
    assert process.returncode == 130
    assert words.strip() == "Interrupted. To go on, run the same command again: what is downloaded is kept."
    assert not psutil.pid_exists(uv) or psutil.Process(uv).status() == psutil.STATUS_ZOMBIE


def test_too_small_a_disk_is_told_before_anything_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr(setup_environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup_environment.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**9))
    with pytest.raises(CannotSetUp, match=r"needs 3\.5 GB in .*, and 1\.0 GB are left there"):
        setup_environment.check_folder()


def test_somebody_elses_folder_is_told(monkeypatch):
    monkeypatch.setattr(setup_environment.os, "access", lambda *_: False)
    with pytest.raises(CannotSetUp, match="You may not write in"):
        setup_environment.check_folder()


@pytest.mark.parametrize("system, machine", [("Darwin", "arm64"), ("Windows", "AMD64"), ("Linux", "aarch64")])
def test_another_platform_is_told_where_to_go(monkeypatch, system, machine):
    monkeypatch.setattr(setup_environment.platform, "system", lambda: system)
    monkeypatch.setattr(setup_environment.platform, "machine", lambda: machine)
    with pytest.raises(CannotSetUp, match=f"this is {system} {machine}.*WSL2.*Colab"):
        setup_environment.check_platform()


@pytest.mark.parametrize("libc", [("", ""), ("glibc", "2.28")])
def test_an_old_or_other_c_library_is_told(monkeypatch, libc):
    monkeypatch.setattr(setup_environment.platform, "system", lambda: "Linux")
    monkeypatch.setattr(setup_environment.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(setup_environment.platform, "libc_ver", lambda: libc)
    with pytest.raises(CannotSetUp, match=r"needs glibc 2\.31"):
        setup_environment.check_platform()


# --- the line of a step ---

_HALF = "import sys; print('x' * 499, file=open(sys.argv[1], 'w')); open(sys.argv[2]).read()"


def test_on_a_terminal_a_bar_shows_how_far_it_is(tmp_path):
    release = tmp_path / "release"
    os.mkfifo(release)
    code = (
        "import os, sys; from tools.setup import step; command = [sys.executable, '-c', *sys.argv[1:]]; "
        "step.run('Half of it', command, dict(os.environ), 1000)"
    )
    ours, theirs = pty.openpty()
    arguments = [sys.executable, "-c", code, _HALF, str(tmp_path / "written"), str(release)]
    environment = {**os.environ, "TERM": "xterm"}
    process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs)
    os.close(theirs)
    seen = _read_until(ours, "[#####     ]  50 %")
    release.write_text("go on")
    seen += _read_until(ours, "done")
    assert process.wait() == 0
    assert "\n" not in seen.rstrip()  # one line, written again and again
    assert all(len(line) < 80 for line in seen.split("\r"))
    os.close(ours)


def _read_until(descriptor: int, words: str) -> str:
    seen = ""
    while words not in seen:
        assert select.select([descriptor], [], [], 60)[0], seen
        seen += os.read(descriptor, 1000).decode()
        assert len(seen) < 100_000, seen[-300:]
    return seen


def test_elsewhere_a_step_is_one_plain_line(capsys):
    step.run("A step", [sys.executable, "-c", "print('not shown')"], dict(os.environ), 1000)
    said = capsys.readouterr().out
    assert said.startswith("A step ... done ") and said.endswith(" s\n") and "[" not in said


def test_a_step_that_fails_tells_all_that_it_wrote(capsys):
    with pytest.raises(step.StepFailed, match=r"^out\nerr$"):
        step.run("A step", ["sh", "-c", "echo out; echo err >&2; exit 3"], dict(os.environ))
    assert "A step ... failed " in capsys.readouterr().out
