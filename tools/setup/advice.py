"""What went wrong, in words that a person can act on, and what to type, as each Linux has its own way."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from tools.setup import AGAIN

OS_RELEASE = Path("/etc/os-release")
LAST_LINES, LINE = 6, 400  # of what a command said; a line has so many characters

_CERTIFICATE = re.compile("certificate|UnknownIssuer", re.IGNORECASE)
_CERTIFICATE_ADVICE = (
    "A server's certificate was not accepted. If a company's or a school's proxy stands between, ask for its "
    "root certificate, a .pem file, and run `SSL_CERT_FILE=/path/to/that.pem make setup`. If not, see "
    "whether this machine's date is right, then " + AGAIN + "."
)
_FULL = re.compile("No space left|quota exceeded|os error (28|122)", re.IGNORECASE)
_FULL_ADVICE = (
    "The disk is full, or your share of it. Make room, then {again}. Packages are kept in {cache} while they "
    "are downloaded; `UV_CACHE_DIR=/another/folder make setup` keeps them elsewhere."
)
_FORBIDDEN = re.compile("Permission denied|Read-only file system|os error (13|30)", re.IGNORECASE)
_FORBIDDEN_ADVICE = (
    "A file may not be written or run. If it was made with sudo, give it to yourself with "
    '`sudo chown -R "$(id -un)" .venv .uv {cache}`, then ' + AGAIN + ", without sudo."
)
_NETWORK = re.compile(
    r"dns error|resolve|resolution|lookup|Network is unreachable|No route to host|timed out|timeout|"
    r"Connection (refused|reset)|error sending request|Failed to (fetch|download)|new connection|tunnel|"
    r"proxy|\b(403|407|429|50[0234])\b",
    re.IGNORECASE,
)
_NETWORK_ADVICE = (
    "The network is away, or a server does not answer. Connect, then " + AGAIN + ": what is downloaded is "
    "kept. Where a proxy is needed, `HTTPS_PROXY=http://name:port make setup` names it."
)
_WSL_ADVICE = "In WSL, `wsl --shutdown` in PowerShell and then a new window often bring the network back."
_ANY_ADVICE = "The last lines above may say why. Mend it if you can, then " + AGAIN + "."

# For pip, or for a `venv` that brings it, or for uv.
_PIP = {
    "debian": "sudo apt install python3-venv",
    "fedora": "sudo dnf install python3-pip",
    "rhel": "sudo dnf install python3-pip",
    "arch": "sudo pacman -S uv",
    "suse": "sudo zypper install python3-pip",
}
_BUILD_PYTHON = 'pyenv install 3.11`, then `make setup PYTHON="$(pyenv prefix 3.11)/bin/python"'
_BUILD_PACKAGES = "build-essential libssl-dev zlib1g-dev libbz2-dev libffi-dev libsqlite3-dev liblzma-dev"
# For Python 3.11; Debian and those made from it have it in some versions, so there apt is asked.
_PYTHON = {
    "fedora": "sudo dnf install python3.11",
    "rhel": "sudo dnf install python3.11",
    "arch": "sudo pacman -S --needed base-devel pyenv && " + _BUILD_PYTHON,
    "suse": "sudo zypper install python311",
}
_DEADSNAKES = "sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt install python3.11"
_CONDA = (
    "conda create -y -p .uv/conda -c conda-forge python=3.11`, then `make setup PYTHON=.uv/conda/bin/python"
)


def systems() -> "list[str]":
    """What this Linux calls itself, and what it is made from, nearest first: `["ubuntu", "debian"]`."""
    try:
        lines = OS_RELEASE.read_text().splitlines()
    except OSError:
        return []
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    return " ".join(told.get(key, "").strip("\"'") for key in ("ID", "ID_LIKE")).split()


def is_certificate_trouble(said: str) -> bool:
    """Whether a command failed since it did not trust a server."""
    return bool(_CERTIFICATE.search(said))


def explained(said: str) -> str:
    """The last lines of what a command said, and below them why it failed and what to do."""
    lines = "\n".join("  " + line.strip()[:LINE] for line in said.splitlines()[-LAST_LINES:])
    return f"{lines}\n{_advice(said)}".lstrip("\n")


def _advice(said: str) -> str:
    if is_certificate_trouble(said):
        return _CERTIFICATE_ADVICE
    if _FULL.search(said):
        return _FULL_ADVICE.format(again=AGAIN, cache=cache_folder())
    if _FORBIDDEN.search(said):
        return _FORBIDDEN_ADVICE.format(cache=cache_folder())
    if _NETWORK.search(said):
        return " ".join([_NETWORK_ADVICE, _WSL_ADVICE] if is_wsl() else [_NETWORK_ADVICE])
    return _ANY_ADVICE


def is_wsl() -> bool:
    """Whether this Linux runs inside of Windows."""
    return "microsoft" in platform.release().lower()


def cache_folder() -> Path:
    """Where uv keeps what it has downloaded."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(os.environ.get("UV_CACHE_DIR") or os.path.join(base, "uv"))


def how_to_get_pip() -> str:
    """What to type where Python has neither pip nor a `venv` that brings it."""
    for system in systems():
        if system in _PIP:
            return f"`{as_this_user(_PIP[system])}`"
    return "your system's package for pip, or uv, as https://docs.astral.sh/uv says"


def how_to_get_python() -> str:
    """What to type where uv could not get Python 3.11: this system's way, if it has one, and conda's."""
    own = _apt_way() if shutil.which("apt-cache") else _package_way()
    ways = [as_this_user(own)] if own else []
    return ", or with conda ".join(f"`{way}`" for way in [*ways, _CONDA])


def _package_way() -> str:
    return next((_PYTHON[system] for system in systems() if system in _PYTHON), "")


def _apt_way() -> str:
    if _apt_has("python3.11"):
        return "sudo apt install python3.11"
    if "ubuntu" in systems():
        return _DEADSNAKES
    if _apt_has("pyenv"):
        return f"sudo apt install pyenv {_BUILD_PACKAGES} && {_BUILD_PYTHON}"
    return ""


def _apt_has(package: str) -> bool:
    command = ["apt-cache", "show", "--no-all-versions", package]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def as_this_user(command: str) -> str:
    """A command for root, who needs no sudo and may have none, or for anybody else."""
    return command if os.geteuid() else command.replace("sudo ", "")
