"""JupyterLab as a learner needs it, set for one run: the learner's own settings stay as they are."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

# nbgrader's buttons and menus speak English, and call an exercise that was not begun "partial credit".
_PAGE = {"disabledExtensions": {"@jupyter/nbgrader": True}}
# It asks, in English, whether to fetch news; the course works offline.
_NOTIFICATIONS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
_LOCALES = {"zh": "zh_CN", "ko": "ko_KR", "pt": "pt_BR"}
_STOP_SECONDS = 20


@contextmanager
def settings(language: str) -> Iterator[dict[str, str]]:
    """The environment variables that give JupyterLab our settings, while the `with` block lasts.

    Its menus are in `language` where the package with that translation is installed.
    """
    with TemporaryDirectory(prefix="fedcourse-lab-") as folder:
        config = Path(folder) / "labconfig"
        config.mkdir()
        (config / "page_config.json").write_text(json.dumps(_PAGE))
        ours = _NOTIFICATIONS | _translation(language)
        (config / "default_setting_overrides.json").write_text(json.dumps(ours))
        others = os.environ.get("JUPYTER_CONFIG_PATH")
        yield {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [folder, others]))}


def _translation(language: str) -> dict:
    packs = {pack.name for pack in entry_points(group="jupyterlab.languagepack")}
    locale = _LOCALES.get(language)
    return {"@jupyterlab/translation-extension:plugin": {"locale": locale}} if locale in packs else {}


def start(folder: Path, page: str, environment: dict[str, str], log: IO) -> subprocess.Popen:
    """JupyterLab, serving `folder` and opening `page` of it; what it prints goes to `log`.

    A Ctrl-C does not reach it, since its answer would be in English: `stop` it.
    """
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    command.append(f"--LabApp.default_url=/lab/tree/{page}")
    if os.geteuid() == 0:  # in a container there may be nobody else
        command.append("--allow-root")
    return subprocess.Popen(
        command,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        process_group=0,
    )


def address(process: subprocess.Popen, page: str, since: float) -> str | None:
    """Where a browser finds `page`, once the server has written down where it listens; None before that.

    `since`, in seconds, is when it was started: in a container a file of an older one may have its number.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    server = Path(jupyter_runtime_dir(), f"jpserver-{process.pid}.json")
    with suppress(OSError, ValueError):  # not there, or half written
        if server.stat().st_mtime < since - 1:  # a disk's clock is coarse
            return None
        about = json.loads(server.read_text(encoding="utf-8"))
        token = f"?token={about['token']}" if about["token"] else ""
        return f"{about['url']}lab/tree/{page}{token}"
    return None


def stop(process: subprocess.Popen) -> None:
    """End the server and its kernels."""
    process.terminate()
    try:
        process.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
