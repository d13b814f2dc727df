"""Control groups: limits on what a kernel and all it starts use together, where we may make groups."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_MEMORY = 4 * 2**30
_LIMITS = {
    "pids.max": 256,  # a lesson with TFF's worker has about 50 tasks
    "memory.max": _MEMORY,
    "memory.swap.max": 0,
    "memory.oom.group": 1,
    "memory.limit_in_bytes": _MEMORY,  # version 1
}


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
    """The groups of this process that count tasks or memory, of version 1 and 2."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _number, controllers, path = line.split(":", 2)
        if controllers in ("", "pids", "memory"):
            group = _ROOT / controllers / path.lstrip("/")
            if (group / "cgroup.procs").exists():
                yield group
