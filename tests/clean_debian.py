"""A Debian as debootstrap makes it, with nothing on it, for tests: commands run in it as root or a user.

It has this machine's network: its proxies and certificates, its mirror of Debian, its index of packages.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tools.setup import ROOT

NEEDED = ("debootstrap", "unshare", "pivot_root", "setpriv")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CERTIFICATES = "/run/certificates.pem"
# A new root, and not chroot, inside of which the kernel would forbid user namespaces, and so the sandbox.
# Everything that a command has started ends with it, since it is the first process of its namespace.
_ENTER = """
set -e
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
cp -L /etc/resolv.conf /etc/hosts "$ROOT/etc"
cd "$ROOT"
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
cd "$FOLDER"
exec env -i "$@"
"""


def lacks() -> str:
    """Why there can be no clean Debian here, "" if there can."""
    if os.geteuid():
        return "only root can make a clean Debian"
    missing = [command for command in NEEDED if not shutil.which(command)]
    if missing:
        return f"a clean Debian needs {', '.join(missing)}: apt-get install debootstrap util-linux"
    if subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True).returncode:
        return "this system lets root make no namespaces"
    return ""


class Debian:
    """A clean Debian in `folder`."""

    def __init__(self, folder: Path, suite: str) -> None:
        """Make it."""
        self.root = folder
        log = folder.with_suffix(".log")
        with log.open("w") as out:
            made = subprocess.run(
                ["debootstrap", "--variant=minbase", suite, folder, *_mirror()],
                env={**os.environ, "PATH": PATH},
                stdout=out,
                stderr=out,
            )
        assert made.returncode == 0, log.read_text()
        (folder / "etc/apt/apt.conf.d/90machine").write_text(_apt_options())
        self.environment = {"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive", **self._network()}

    def _network(self) -> dict[str, str]:
        """Environment variables for the proxies, certificates and index of packages of this machine."""
        variables = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        if (certificates := os.environ.get("SSL_CERT_FILE")) and Path(certificates).exists():
            shutil.copy(certificates, self.root / _CERTIFICATES.lstrip("/"))
            variables |= {"SSL_CERT_FILE": _CERTIFICATES, "PIP_CERT": _CERTIFICATES}
        if index := _pip_index():
            variables |= {"PIP_INDEX_URL": index}
        return variables

    def run(self, command: str, user: str = "root", folder: str = "/", **environment: str) -> str:
        """What a shell command prints, on both channels.

        Raises:
          AssertionError: it ended with another code than 0.
        """
        code, said = self.try_to_run(command, user, folder, **environment)
        assert code == 0, f"{command}:\n{said[-5000:]}"
        return said

    def try_to_run(self, command: str, user: str, folder: str, **environment: str) -> tuple[int, str]:
        """The exit code of a shell command, and what it prints on both channels."""
        log = self.root.with_suffix(".said")
        with log.open("w") as out:  # a file: TFF's worker would keep a pipe open
            code = subprocess.run(
                self.command(command, user, folder, **environment),
                env={**os.environ, "ROOT": str(self.root), "FOLDER": folder},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            ).returncode
        return code, log.read_text(errors="replace")

    def command(self, command: str, user: str, folder: str, **environment: str) -> list[str]:
        """The command of this machine that runs a shell command there; it wants $ROOT and $FOLDER."""
        number, home = self._account(user)
        variables = {**self.environment, "HOME": home, **environment}
        become = ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"]
        return [
            *("unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "sh", "-c", _ENTER, "enter"),
            *(f"{name}={value}" for name, value in variables.items()),
            *(become if user != "root" else []),
            *("/bin/sh", "-c", command),
        ]

    def _account(self, user: str) -> tuple[str, str]:
        """The number and the home of a user."""
        lines = (self.root / "etc/passwd").read_text().splitlines()
        _, _, number, _, _, home, _ = next(fields for line in lines if (fields := line.split(":"))[0] == user)
        return number, home

    def receive_course(self, folder: str, user: str, left_out: Path | None = None) -> None:
        """Copy this course there, without what git ignores and what the file `left_out` lists, for a user."""
        target = self.root / folder.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        patterns = left_out.read_text().splitlines() if left_out else []
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file() and not any(_matches(name, pattern) for pattern in patterns):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target / name)
        self.run(f"chown -R {user}: {shlex.quote(folder)}")


def _matches(name: str, pattern: str) -> bool:
    """Whether a line of `.dockerignore` names this file or a folder above it."""
    plain = re.escape(pattern.strip("/")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(f"{plain}(/.*)?", name) is not None


@cache
def _mirror() -> list[str]:
    """The address of this machine's mirror of Debian, where it is a Debian; else debootstrap's own choice."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Component: main"]
    told = subprocess.run(asked, capture_output=True, text=True).stdout.split()
    return told[:1]


def _apt_options() -> str:
    """apt's network options of this machine."""
    told = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True).stdout
    wanted = re.compile(r"Acquire::(https?|Check-Date|Check-Valid-Until)\b.*\"[^\"]+\";$")
    return "".join(f"{line}\n" for line in told.splitlines() if wanted.match(line))


@cache
def _pip_index() -> str:
    asked = [os.path.realpath(sys.executable), "-m", "pip", "config", "get", "global.index-url"]
    return subprocess.run(asked, capture_output=True, text=True).stdout.strip()
