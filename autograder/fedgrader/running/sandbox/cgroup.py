"""Control groups: limits on what a kernel and all it starts use together, where we may make groups."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")
_MEMORY = 4 * 2**30
_LIMITS = {
    "pids.max": 256,  # a lesson with TFF's worker has about 50 tasks
    "memory.max": _MEMORY,
    "memory.swap.max": 0,
    "memory.oom.group": 1,
    "memory.limit_in_bytes": _MEMORY,  # version 1
}
_OURS = "fedcourse-grader"  # version 2: where the processes of the group that we divide go


def divide() -> None:
    """Have version 2 limit the children of this process's group; does nothing where that is not allowed.

    A group whose children have limits may hold no process itself, so this process and its children move into
    one of them. A group that others are in as well, as that of a login shell may be, is left alone.
    """
    for group in _own_groups():
        with suppress(OSError):
            controllers = {"memory", "pids"} & {*_words(group / "cgroup.controllers")}
            processes = _words(group / "cgroup.procs")
            if controllers and _all_ours(processes):
                ours = group / _OURS
                ours.mkdir(exist_ok=True)
                for process in processes:
                    (ours / "cgroup.procs").write_text(process)
                enabled = " ".join(f"+{controller}" for controller in sorted(controllers))
                (group / "cgroup.subtree_control").write_text(enabled)


def _words(file: Path) -> list[str]:
    return file.read_text().split()


def _all_ours(processes: list[str]) -> bool:
    us = psutil.Process()
    return {*map(int, processes)} <= {process.pid for process in (us, *us.children(recursive=True))}


def limit(name: str, pid: int) -> None:
    """Move a process into groups of its own called `name`; does nothing where that is not allowed."""
    for parent in _own_groups():
        group = parent / name
        with suppress(OSError):
            group.mkdir()
            for file, most in _LIMITS.items():
                if (group / file).exists():
                    (group / file).write_text(str(most))
            (group / "cgroup.procs").write_text(str(pid))


def sweep(prefix: str) -> None:
    """Remove the groups whose names begin with `prefix`; those that still have a process stay."""
    for parent in _own_groups():
        for group in parent.glob(f"{prefix}*"):
            with suppress(OSError):
                group.rmdir()


def _own_groups() -> Iterator[Path]:
    """The groups of this process that count tasks or memory, of version 1 and 2; as they were undivided."""
    for line in _MEMBERSHIP.read_text().splitlines():
        _number, controllers, path = line.split(":", 2)
        if controllers in ("", "pids", "memory"):
            group = _ROOT / controllers / path.lstrip("/")
            if group.name == _OURS:
                group = group.parent
            if (group / "cgroup.procs").exists():
                yield group
