"""What depends on where the course is published follows course.toml, and a tag names its own commit."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from demo_lesson import COURSE, README, write_course
from markdown_it import MarkdownIt

from fedgrader.course import ROOT, load_course
from tools import build, publishing

CITATION = 'title: A course\nrepository-code: "https://github.com/someone/course"\nlicense: Apache-2.0\n'
FORMS = "contact_links:\n  - url: https://github.com/someone/course/security/advisories/new\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The root of a built course in a repository, committed, with all that names the repository."""
    root = write_course(tmp_path)
    (root / "CITATION.cff").write_text(CITATION)
    (root / ".github" / "ISSUE_TEMPLATE").mkdir(parents=True)
    (root / ".github" / "ISSUE_TEMPLATE" / "config.yml").write_text(FORMS)
    assert build.main(root, []) == 0
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> str:
    author = ("-c", "user.name=A", "-c", "user.email=a@b.example")
    return subprocess.run(
        ["git", *author, *arguments], cwd=root, capture_output=True, text=True, check=True
    ).stdout


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "More")


def put(root: Path, old: str, new: str) -> None:
    """Change course.toml, which is read once a process."""
    path = root / "course.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    load_course.cache_clear()


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts and path.suffix != ".mo"
    }


# --- published elsewhere ---


def test_one_line_and_a_build_publish_it_elsewhere(course):
    put(course, "someone/course", "another.one/her-course")
    assert build.main(course, ["--check"]) == 1
    assert build.main(course, []) == 0
    assert build.main(course, ["--check"]) == 0
    assert [name for name, text in files(course).items() if "someone/course" in text] == []
    readme = (course / "README.md").read_text()
    assert "git clone https://github.com/another.one/her-course\ncd her-course\n" in readme
    blob = "https://colab.research.google.com/github/another.one/her-course/blob/v1.2"
    for language in ("en", "zh", "ko", "pt"):
        assert f"({blob}/lessons/{language}/demo.ipynb)" in readme
        cells = json.loads((course / "lessons" / language / "demo.ipynb").read_text())["cells"]
        header, setup = ("".join(cell["source"]) for cell in cells if cell["id"] in ("header", "setup"))
        assert f"({blob}/lessons/{language}/demo.ipynb)" in header
        assert 'repository, release = "https://github.com/another.one/her-course", "v1.2"' in setup
    assert 'repository-code: "https://github.com/another.one/her-course"\n' in files(course)["CITATION.cff"]
    forms = files(course)[".github/ISSUE_TEMPLATE/config.yml"]
    assert "url: https://github.com/another.one/her-course/security/advisories/new\n" in forms


def test_a_release_has_badges_and_bridge_of_its_own(course):
    put(course, '"v1.2"', '"v1.3"')
    assert build.main(course, []) == 0
    assert [name for name, text in files(course).items() if "v1.2" in text or "v1_2" in text] == []
    setup = (course / "lessons" / "ko" / "demo.ipynb").read_text()
    for words in ('Path(\\"fedcourse_colab_v1_3.py\\")', "import fedcourse_colab_v1_3", '"v1.3\\"'):
        assert words in setup


def test_the_rest_of_the_readme_is_left_alone(course):
    readme = (course / "README.md").read_text()
    assert "Between." in readme and readme.endswith("The end.\n")
    assert "What was here before." not in readme
    tokens = MarkdownIt("commonmark").enable("table").parse(readme)
    assert [token.type for token in tokens].count("table_open") == 1
    [fence] = [token.content for token in tokens if token.type == "fence"]
    assert fence == "git clone https://github.com/someone/course\ncd course\n"


def test_check_notices_a_readme_changed_by_hand(course, capsys):
    path = course / "README.md"
    path.write_text(path.read_text().replace("| 1 A demo |", "| 1 Another demo |"))
    assert build.main(course, ["--check"]) == 1
    assert "README.md: stale; run `make build`" in capsys.readouterr().err


@pytest.mark.parametrize("part", ["clone", "lessons"])
def test_a_readme_without_its_marks_is_named(part, tmp_path, capsys):
    root = write_course(tmp_path)
    (root / "README.md").write_text(README.replace(f"<!-- {part} ends -->\n", ""))
    assert build.main(root, []) == 1
    said = capsys.readouterr().err
    assert f"where the part {part} belongs, put two lines" in said
    assert f"<!-- make build writes this: {part} -->\n<!-- {part} ends -->" in said


def test_a_missing_readme_is_named(tmp_path, capsys):
    write_course(tmp_path)
    (tmp_path / "README.md").unlink()
    assert build.main(tmp_path, []) == 1
    assert "README.md: no such file; it needs the parts clone, lessons" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("someone/course", "https://github.com/someone/course", "write owner/name"),
        ("someone/course", "course", "write owner/name"),
        ('"v1.2"', '"feature/new"', 'write a tag, as in "v0.2.0"'),
        ('"v1.2"', '""', 'write a tag, as in "v0.2.0"'),
    ],
)
def test_a_wrong_place_is_named(old, new, message, tmp_path, capsys):
    put(write_course(tmp_path), old, new)
    assert build.main(tmp_path, []) == 1
    assert message in capsys.readouterr().err


def test_nothing_else_names_the_repository():
    """Where it did, publishing elsewhere would take more than one line and a build."""
    generated = {str(path.relative_to(ROOT)) for path in build.outputs(ROOT, pytest.fail)}
    address = f"github.com/{load_course().repository}"
    found = subprocess.run(["git", "grep", "-lF", address], cwd=ROOT, capture_output=True, text=True)
    assert "README.md" in found.stdout.split()
    assert set(found.stdout.split()) - generated == set()


# --- tags ---


def tagged(root: Path, release: str, tag: str) -> None:
    put(root, '"v1.2"', f'"{release}"')
    assert build.main(root, []) == 0
    commit(root)
    git(root, "tag", "-a", "-m", tag, tag)


def test_a_commit_with_its_own_tag_is_well(course):
    tagged(course, "v1.3", "v1.3")
    git(course, "tag", "some-mark")
    assert publishing.wrong_tag(course) == ""
    assert build.main(course, ["--check"]) == 0


@pytest.mark.parametrize("release", ["main", "v1.2"])
def test_a_commit_with_another_tag_is_noticed(release, course, capsys):
    tagged(course, release, "v1.3")
    assert build.main(course, ["--check"]) == 1
    assert f'release = "{release}", but this commit has the tag v1.3' in capsys.readouterr().err


def test_work_that_goes_on_after_a_release_names_the_branch(course, capsys):
    tagged(course, "v1.3", "v1.3")
    put(course, '"v1.3"', '"main"')
    assert build.main(course, []) == 0
    assert build.main(course, ["--check"]) == 0  # not yet committed
    commit(course)
    assert build.main(course, ["--check"]) == 0


def test_a_commit_that_still_names_an_earlier_release_is_noticed(course, capsys):
    tagged(course, "v1.3", "v1.3")
    commit(course)
    assert build.main(course, ["--check"]) == 1
    assert 'release = "v1.3" is the tag of an earlier commit' in capsys.readouterr().err


def test_without_git_nothing_is_said_of_tags(course):
    shutil.rmtree(course / ".git")
    assert publishing.wrong_tag(course) == ""


def test_a_release_that_has_no_tag_yet_is_well(course):
    assert COURSE.count('"v1.2"') == 1
    assert publishing.wrong_tag(course) == ""
