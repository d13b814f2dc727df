"""Control groups of version 2, in a folder that looks like one: the attack tests use those of the machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fedgrader.running.sandbox import cgroup


@pytest.fixture
def group(tmp_path, monkeypatch) -> Path:
    """The group of this process, which nobody has divided yet."""
    monkeypatch.setattr(cgroup, "_ROOT", tmp_path)
    monkeypatch.setattr(cgroup, "_MEMBERSHIP", tmp_path / "membership")
    (tmp_path / "membership").write_text("0::/user/grading.scope\n")
    group = tmp_path / "user" / "grading.scope"
    group.mkdir(parents=True)
    (group / "cgroup.controllers").write_text("cpu memory pids\n")
    (group / "cgroup.subtree_control").write_text("")
    (group / "cgroup.procs").write_text(f"{os.getpid()}\n")
    return group


def test_a_group_of_our_own_is_divided(group):
    cgroup.divide()
    assert (group / "fedcourse-grader" / "cgroup.procs").read_text() == str(os.getpid())
    assert (group / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_what_an_earlier_grader_left_is_used_again(group):
    (group / "fedcourse-grader").mkdir()
    cgroup.divide()
    assert (group / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_children_move_along(group):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        (group / "cgroup.procs").write_text(f"{os.getpid()}\n{child.pid}\n")
        cgroup.divide()
        assert (group / "fedcourse-grader" / "cgroup.procs").read_text() == str(child.pid)  # after our own
        child.communicate(b"\n")


def test_a_group_of_others_is_left_alone(group):
    (group / "cgroup.procs").write_text(f"{os.getppid()}\n{os.getpid()}\n")
    cgroup.divide()
    assert (group / "cgroup.subtree_control").read_text() == ""


def test_where_nothing_can_be_limited_nobody_moves(group):
    (group / "cgroup.controllers").write_text("cpu\n")
    cgroup.divide()
    assert not (group / "fedcourse-grader").exists()


def test_a_kernel_gets_a_group_beside_that_of_the_grader(group, tmp_path):
    (tmp_path / "membership").write_text("0::/user/grading.scope/fedcourse-grader\n")
    cgroup.limit("fc-1.kernel", 12345)
    assert (group / "fc-1.kernel" / "cgroup.procs").read_text() == "12345"
    (group / "fc-1.kernel" / "cgroup.procs").unlink()
    cgroup.sweep("fc-1.")
    assert not (group / "fc-1.kernel").exists()


def test_a_group_that_is_divided_stays_so(group, tmp_path):
    cgroup.divide()
    (tmp_path / "membership").write_text("0::/user/grading.scope/fedcourse-grader\n")
    (group / "cgroup.procs").write_text("")
    cgroup.divide()
    assert (group / "cgroup.subtree_control").read_text() == "+memory +pids"
