"""The set-up's advice: why a command failed, and what this very system has to type."""

import os
from types import SimpleNamespace

import pytest

from tests.clean_machine import commands_in
from tools.setup import CannotSetUp, advice, debian


@pytest.mark.parametrize(
    "said, cause",
    [
        ("cause: client error (Connect)\ncause: invalid peer certificate: UnknownIssuer", "certificate"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "certificate"),
        ("failed to write to file `x.h`: No space left on device (os error 28)", "disk is full"),
        ("OSError: [Errno 122] Disk quota exceeded", "disk is full"),
        ("failed to open file `.venv/CACHEDIR.TAG`: Permission denied (os error 13)", "may not be written"),
        ("OSError: [Errno 30] Read-only file system: '/course/.uv'", "may not be written"),
        ("cause: dns error\ncause: failed to lookup address information", "network is away"),
        ("NewConnectionError('Failed to establish a new connection: [Errno 111]", "network is away"),
        ("HTTP status client error (407 Proxy Authentication Required)", "HTTPS_PROXY"),
        ("HTTP status server error (503 Service Unavailable) for url (https://x)", "network is away"),
        ("thread 'main' panicked", "last lines above"),
    ],
)
def test_a_failure_is_explained(said, cause):
    *lines, explanation = advice.explained(said).splitlines()
    assert cause in explanation
    assert "run the same command again" in explanation or "make setup" in explanation
    assert [line.strip() for line in lines] == said.splitlines()


def test_of_a_long_failure_the_last_lines_are_shown():
    lines = advice.explained("\n".join(map(str, range(100)))).splitlines()
    assert [line.strip() for line in lines[:-1]] == [str(number) for number in range(94, 100)]


@pytest.mark.parametrize(
    "release, hinted", [("6.6.87.2-microsoft-standard-WSL2", True), ("6.1.0-28-amd64", False)]
)
def test_in_wsl_there_is_a_hint_for_its_network(monkeypatch, release, hinted):
    monkeypatch.setattr(advice.platform, "release", lambda: release)
    assert ("wsl --shutdown" in advice.explained("dns error")) == hinted


@pytest.mark.parametrize(
    "variables, folder",
    [
        ({"HOME": "/home/me"}, "/home/me/.cache/uv"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": "/scratch"}, "/scratch/uv"),
        ({"HOME": "/home/me", "UV_CACHE_DIR": "/big"}, "/big"),
    ],
)
def test_what_is_downloaded_is_where_uv_says(monkeypatch, variables, folder):
    for name in ("HOME", "XDG_CACHE_HOME", "UV_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(advice.cache_folder()) == folder


# --- systems ---

DEBIAN = "ID=debian\nVERSION_ID=13\n"
UBUNTU = 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n'
MINT = "ID=linuxmint\nID_LIKE='ubuntu debian'\n"
FEDORA = "ID=fedora\nVERSION_ID=42\n"
ROCKY = 'ID="rocky"\nID_LIKE="rhel centos fedora"\n'
ARCH = "ID=arch\n"
MANJARO = "ID=manjaro\nID_LIKE=arch\n"
LEAP = 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n'
OTHER = "ID=void\n"


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Makes this system one with that `os-release`, where apt knows these packages; None: no apt."""

    def become(release: str, packages: tuple[str, ...] | None = None) -> None:
        (tmp_path / "os-release").write_text(release)
        monkeypatch.setattr(advice, "OS_RELEASE", tmp_path / "os-release")
        monkeypatch.setattr(advice.shutil, "which", lambda command: packages is not None)
        monkeypatch.setattr(advice, "_apt_has", lambda package: package in (packages or ()))
        monkeypatch.setattr(advice.os, "geteuid", lambda: 1000)

    return become


@pytest.mark.parametrize(
    "release, command",
    [
        (DEBIAN, "sudo apt install python3-venv"),
        (UBUNTU, "sudo apt install python3-venv"),
        (MINT, "sudo apt install python3-venv"),
        (FEDORA, "sudo dnf install python3-pip"),
        (ROCKY, "sudo dnf install python3-pip"),
        (ARCH, "sudo pacman -S uv"),
        (MANJARO, "sudo pacman -S uv"),
        (LEAP, "sudo zypper install python3-pip"),
    ],
)
def test_each_system_has_its_way_to_pip(system, release, command):
    system(release)
    assert commands_in(advice.how_to_get_pip()) == [command]


def test_another_system_is_told_what_to_look_for(system):
    system(OTHER)
    assert "your system's package for pip, or uv" in advice.how_to_get_pip()


@pytest.mark.parametrize(
    "release, packages, command",
    [
        (DEBIAN, ("python3.11", "pyenv"), "sudo apt install python3.11"),
        (DEBIAN, ("pyenv",), "sudo apt install pyenv build-essential"),
        (UBUNTU, (), "sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt install python3.11"),
        (UBUNTU, ("python3.11",), "sudo apt install python3.11"),
        (FEDORA, None, "sudo dnf install python3.11"),
        (ROCKY, None, "sudo dnf install python3.11"),
        (ARCH, None, "sudo pacman -S --needed base-devel pyenv && pyenv install 3.11"),
        (LEAP, None, "sudo zypper install python311"),
    ],
)
def test_each_system_has_its_way_to_python_3_11(system, release, packages, command):
    system(release, packages)
    commands = commands_in(advice.how_to_get_python())
    assert commands[0].startswith(command)
    assert "make setup PYTHON=.uv/conda/bin/python" in commands


def test_where_there_is_no_other_way_there_is_conda(system):
    system(DEBIAN, packages=())
    assert commands_in(advice.how_to_get_python())[0].startswith("conda create")


def test_root_is_told_no_sudo(system, monkeypatch):
    system(UBUNTU, packages=())
    monkeypatch.setattr(advice.os, "geteuid", lambda: 0)
    assert "sudo" not in advice.how_to_get_pip() + advice.how_to_get_python()


# --- Debian's packages ---


@pytest.fixture
def commands(monkeypatch):
    """The commands that would have been run; each ends with `commands.code`."""
    record = SimpleNamespace(run=[], code=0)

    def run(command, **_):
        record.run.append(command)
        return SimpleNamespace(returncode=record.code)

    monkeypatch.setattr(debian.subprocess, "run", run)
    return record


def lacking(monkeypatch, *missing, user=0):
    """A machine without these commands, used by `user`."""
    monkeypatch.setattr(debian.os, "geteuid", lambda: user)
    monkeypatch.setattr(debian.shutil, "which", lambda name, path=None: None if name in missing else name)


def apt(*packages):
    return [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]]


def test_test_tools_are_installed_by_root(commands, monkeypatch):
    lacking(monkeypatch, "msgfmt", "bwrap", "initdb", "postgres")
    debian.install_test_tools()
    assert commands.run == apt("bubblewrap", "gettext", "postgresql")
    commands.code = 100
    with pytest.raises(CannotSetUp, match="apt-get could not install bubblewrap, gettext, postgresql"):
        debian.install_test_tools()


def test_test_tools_are_left_to_others_by_a_user(commands, monkeypatch):
    lacking(monkeypatch, *debian.TEST_TOOLS, user=1000)
    with pytest.raises(CannotSetUp, match=r"sudo apt-get install .*bubblewrap chromium gettext postgresql"):
        debian.install_test_tools()
    assert not commands.run


def test_a_server_off_the_path_is_found(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(debian.Path, "glob", lambda *_: [tmp_path / "9" / "bin"])
    monkeypatch.setattr(debian.shutil, "which", lambda name, path=None: asked.append(path) or path)
    assert debian.find_tool("initdb") == os.path.join(tmp_path, "9", "bin")
    assert asked == [None, str(tmp_path / "9" / "bin")]


def test_set_up_by_root_brings_the_sandbox_and_goes_on_without(commands, monkeypatch):
    lacking(monkeypatch, "bwrap")
    steps = []
    monkeypatch.setattr(debian, "run", lambda name, command, environment: steps.append(command))
    debian.install_sandbox()
    assert steps == [["sh", "-c", " && ".join(" ".join(command) for command in apt("bubblewrap"))]]


def test_without_the_sandbox_set_up_goes_on(monkeypatch, capsys):
    lacking(monkeypatch, "bwrap")

    def fail(*_):
        raise debian.StepFailed("E: Unable to locate package bubblewrap")

    monkeypatch.setattr(debian, "run", fail)
    debian.install_sandbox()
    assert "Unable to locate package bubblewrap" in (said := capsys.readouterr().out)
    assert "Lessons need no bubblewrap, grading does." in said


def test_set_up_by_a_user_leaves_the_sandbox_alone(monkeypatch):
    lacking(monkeypatch, "bwrap", user=1000)
    monkeypatch.setattr(debian, "run", lambda *_: pytest.fail("it ran something"))
    debian.install_sandbox()
