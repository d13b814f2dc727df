"""`fedcourse grade` on other machines: a cluster's workers, a server's gradebook."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from grading_class import Class
from processes import environment, free_port, until

from fedgrader.course import ROOT
from tools.setup_environment import find_tool

pytestmark = [
    pytest.mark.slow(25),
    pytest.mark.xdist_group("grading elsewhere"),
    pytest.mark.usefixtures("nothing_stays"),
]


@contextmanager
def started(command: list[str], log: Path, **options) -> Iterator[subprocess.Popen]:
    """The command in the background; ended, with all that it started, at the end."""
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    with suppress(psutil.NoSuchProcess):
        tree = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for member in tree:
            with suppress(psutil.NoSuchProcess):
                member.kill()
    process.wait()


def test_a_cluster_that_loses_a_machine(students, tmp_path):
    for number in range(4):
        students.hand_in(f"student{number}")
    address = f"tcp://127.0.0.1:{free_port()}"
    dask = [sys.executable, "-m", "distributed.cli"]
    scheduler = [f"{dask[-1]}.dask_scheduler", "--host", address, "--no-dashboard"]
    worker = [f"{dask[-1]}.dask_worker", address, "--nworkers", "1", "--nthreads", "1", "--no-dashboard"]
    worker += ["--local-directory", str(tmp_path)]
    ours = environment() | {"PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:
        stack.enter_context(started([*dask[:2], *scheduler], tmp_path / "scheduler.log", env=ours))
        machines = [
            stack.enter_context(started([*dask[:2], *worker], tmp_path / f"worker{n}.log", env=ours))
            for n in range(2)
        ]
        run = stack.enter_context(students.start("--scheduler", address))
        until(students.times)
        before = students.times()
        end(machines[0])
        assert [outcome["points"] for outcome in students.finish(run).values()] == [14] * 4
    assert {name: students.times()[name] for name in before} == before
    assert len(students.scores()) == 4


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of a new PostgreSQL server's empty database; its server does not run as root."""
    folder, port = Path(tempfile.mkdtemp(dir="/tmp")), free_port()
    as_owner = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        # Not Popen's `user`: with it Python forks the slow way, and gRPC's threads may crash the fork.
        as_owner = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    data = str(folder / "data")
    initdb = [find_tool("initdb"), "--pgdata", data, "--username", "teacher", "--auth", "trust", "--no-sync"]
    subprocess.run([*as_owner, *initdb], check=True, capture_output=True, cwd=folder)
    server = [find_tool("postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(folder)]
    with started([*as_owner, *server], folder.parent / f"{folder.name}.log", cwd=folder):
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield f"postgresql+psycopg2://teacher@127.0.0.1:{port}/postgres"
    shutil.rmtree(folder)
    folder.parent.joinpath(f"{folder.name}.log").unlink()


def test_a_gradebook_in_postgresql(postgres, tmp_path):
    course = Class(tmp_path)
    course.configure(
        f"""
c = get_config()
c.CourseDirectory.db_url = {postgres!r}
c.CourseDirectory.course_id = "federated"  # nbgrader's empty default breaks a foreign key of PostgreSQL
"""
    )
    course.release()
    course.hand_in("right")
    assert course.grade()["right"]["points"] == 14
    assert not (tmp_path / "gradebook.db").exists()
    assert sum(course.scores(postgres)["right"].values()) == 14
