"""Which folder a learner's notebooks are in: the named one, the environment's, the clone's, or one in use."""

from pathlib import Path

import pytest

from fedgrader.course import ROOT, load_course
from fedgrader.study import workspace
from fedgrader.study.workspace import NoWorkspace, Workspace, chosen_folder


@pytest.fixture(autouse=True)
def _no_folder_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEDCOURSE_WORK", raising=False)


def test_the_folder_is_named_or_in_the_environment_or_in_the_clone(monkeypatch, tmp_path):
    assert chosen_folder(None) == ROOT / "my"
    monkeypatch.setenv("FEDCOURSE_WORK", str(tmp_path / "work"))
    assert chosen_folder(None) == tmp_path / "work"
    assert chosen_folder(tmp_path / "here") == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert chosen_folder(Path("~/notebooks")) == tmp_path / "notebooks"
    with pytest.raises(NoWorkspace, match="cannot be kept in ~nosuchuser"):
        chosen_folder(Path("~nosuchuser/x"))


def test_without_a_clone_it_is_in_the_current_folder_or_the_one_above_it_that_is_in_use(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(workspace, "IS_CLONE", False)
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert chosen_folder(None) == tmp_path / "a" / "b" / "my"
    (tmp_path / "my" / "photos").mkdir(parents=True)
    assert chosen_folder(None) == tmp_path / "a" / "b" / "my", "a folder of that name with other things in it"
    Workspace(tmp_path / "my").prepare(load_course().lessons[:1])
    monkeypatch.chdir(tmp_path / "my" / "ko")
    assert chosen_folder(None) == tmp_path / "my"
