"""Take a copy up to the course's newer version, or begin it anew; the file as it was is kept beside it."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fedcourse.i18n import LANGUAGES, _
from fedgrader.course import Lesson, Refusal, release
from fedgrader.study.carry import Carried, carried_over, grade_id
from fedgrader.study.originals import original
from fedgrader.study.workspace import Workspace, free_name, is_current, is_untouched, replace, write_new


class CannotRenew(Refusal):
    """The copy cannot be read, or there is none; the message says what to do."""


def update(workspace: Workspace, lesson: Lesson, language: str | None) -> list[str]:
    """Carry the learner's work over into the course's version of the lesson; what there is to say.

    It also puts back what nbgrader marks, where the learner has deleted it.

    Args:
      language: of the one copy to update; without it, all of them.

    Raises:
      CannotRenew: a copy is no notebook.
      NoLessons: the course's own notebook is not here.
      NoWorkspace: the folder cannot be written.
    """
    said, refused = [], []
    with workspace.usable():
        for copy in _copies(workspace, lesson, language):
            try:
                said += _updated(copy, lesson)
            except CannotRenew as refusal:  # the other languages' copies are taken up all the same
                refused.append(str(refusal))
    if refused:
        raise CannotRenew("\n".join(said + refused))
    return said or [_("Your notebook of {lesson} is the latest version.").format(lesson=lesson.slug)]


def _updated(copy: Path, lesson: Lesson) -> list[str]:
    """Carry over one copy, if it is not the latest version; what there is to say."""
    mine, content = _read(copy), original(lesson, _language(copy))
    theirs = nbformat.reads(content.decode(), as_version=4)
    if is_current(copy, theirs) and _grade_ids(theirs) <= _grade_ids(mine):
        return []
    try:
        carried = carried_over(mine, theirs)
        text = (nbformat.writes(carried.notebook) + "\n").encode()
    except Exception:  # cells without what every cell has, halves of letters: nobody knows all there may be
        raise CannotRenew(_damaged(copy)) from None
    kept = _keep(copy, "before-update")
    replace(copy, text)
    return _news(copy, kept, carried)


def reset(workspace: Workspace, lesson: Lesson, language: str | None) -> list[str]:
    """Put new copies of the lesson where the learner has worked; what there is to say.

    Args:
      language: of the one copy to renew; without it, all of them.

    Raises:
      NoLessons: the course's own notebook is not here.
      NoWorkspace: the folder cannot be written.
    """
    said = []
    with workspace.usable():
        for copy in _copies(workspace, lesson, language):
            if not is_untouched(copy):
                content = original(lesson, copy.parent.name)
                kept = _keep(copy, "before-reset")
                replace(copy, content)
                text = _("{copy} is new. What was in it is kept in {kept}.")
                said += [text.format(copy=copy, kept=kept), _open_again()]
    nothing = _("Your notebook of {lesson} is new already: nothing was changed.")
    return said or [nothing.format(lesson=lesson.slug)]


def _copies(workspace: Workspace, lesson: Lesson, language: str | None) -> list[Path]:
    return [copy for copy in workspace.copies(lesson) if language in (None, copy.parent.name)]


def _language(copy: Path) -> str:
    """The language that the copy is in: somebody may have put the lesson in another one in its place."""
    notebook = release.parsed(copy.read_bytes()) or {}
    course = notebook.get("metadata", {}).get("course")
    language = course.get("lang") if isinstance(course, dict) else None
    return language if language in list(LANGUAGES) else copy.parent.name


def _read(copy: Path) -> NotebookNode:
    content = copy.read_bytes()
    try:
        return nbformat.reads(content.decode("utf-8-sig"), as_version=4)
    except Exception:  # nbformat raises whatever the content leads it to
        raise CannotRenew(_damaged(copy)) from None


def _damaged(copy: Path) -> str:
    text = _(
        "{path} is not a Jupyter notebook, or is damaged. Save it again, or begin it anew with `{command}`, "
        "which keeps the file."
    )
    command = f"fedcourse reset {copy.stem.partition('_')[0]} --lang {copy.parent.name}"
    return text.format(path=copy, command=command)


def _grade_ids(notebook: NotebookNode) -> set[str]:
    return {name for cell in notebook.cells if (name := grade_id(cell))}


def _keep(copy: Path, why: str) -> Path:
    """Another file with what is in `copy`; its path."""
    kept = free_name(copy, why)
    write_new(kept, copy.read_bytes())
    return kept


def _news(copy: Path, kept: Path, carried: Carried) -> list[str]:
    said = [_("{copy} is the latest version of the lesson now.").format(copy=copy)]
    if carried.answered:
        said.append(_("Your answers are in it: {names}.").format(names=", ".join(carried.answered)))
    if carried.reworded:
        text = _("What these exercises ask has changed, so read it again: {names}.")
        said.append(text.format(names=", ".join(carried.reworded)))
    if carried.num_others:
        text = _("Other cells that you wrote or changed are in it, where they stood: {number}.")
        said.append(text.format(number=carried.num_others))
    said.append(_("The file as it was is kept in {kept}.").format(kept=kept))
    return [*said, _open_again()]


def _open_again() -> str:
    return _("If it is open in JupyterLab, load it again from the disk there before you go on.")
