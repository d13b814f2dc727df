"""Around the code: workflows are safe and run what exists; forms, citation and changelog are whole."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tools.setup_environment import ROOT

COURSE = tomllib.loads((ROOT / "course.toml").read_text(encoding="utf-8"))
REPOSITORY = f"https://github.com/{COURSE['repository']}"
EXERCISES = {
    f"{lesson['slug']}.{exercise['name']}" for lesson in COURSE["lesson"] for exercise in lesson["exercises"]
}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def loaded(path: Path) -> dict:
    """A YAML file; GitHub's key `on`, which YAML 1.1 takes for true, under its own name."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in content.items()}


def each_file(paths: list[Path]):
    assert paths
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.relative_to(ROOT).as_posix())


def steps(path: Path) -> list[dict]:
    """Every step of a workflow's jobs, or of an action."""
    content = loaded(path)
    runs = [content["runs"]] if "runs" in content else content["jobs"].values()
    return [step for run in runs for step in run["steps"]]


# --- workflows ---


@each_file(WORKFLOWS)
def test_a_workflow_reads_and_writes_no_more_than_it_needs(path):
    content = loaded(path)
    assert content["permissions"] == {"contents": "read"}
    for name, job in content["jobs"].items():
        wanted = {"contents": "write"} if (path.stem, name) == ("release", "publish") else None
        assert job.get("permissions") == wanted, name
        assert 0 < job["timeout-minutes"] <= 90, name
    assert content["concurrency"]["group"]


@each_file(WORKFLOWS)
def test_a_workflow_is_safe_for_pull_requests_from_forks(path):
    text = path.read_text(encoding="utf-8")
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(loaded(path)["on"])
    assert "secrets." not in text
    for step in steps(path):
        # What others write, such as a branch's name, must not become part of a command.
        assert "${{" not in step.get("run", "")
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_what_may_write_runs_no_code_of_the_repository():
    fetch, release = loaded(ROOT / ".github/workflows/release.yml")["jobs"]["publish"]["steps"]
    assert fetch["uses"].startswith("actions/download-artifact@")
    assert release["run"].startswith("gh release create ")


@each_file(WORKFLOWS + ACTIONS)
def test_actions_of_others_are_pinned_to_a_commit(path):
    for step in steps(path):
        if (used := step.get("uses", "./")).startswith("./"):
            assert used == "./" or (ROOT / used / "action.yml").exists()
        else:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", used)


@each_file(WORKFLOWS + ACTIONS)
def test_what_is_run_exists(path):
    commands = "\n".join(step.get("run", "") for step in steps(path))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake (\w+)", commands):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for module in re.findall(r"python -m ((?:tools|benchmarks)\.\w+)", commands):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists(), module
    for file in re.findall(r"\b(?:tests|tools)/\w+\.py", commands):
        assert (ROOT / file).exists(), file


def test_the_shards_are_all_run():
    job = loaded(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["slow"]
    [count] = re.findall(r"--splits (\d+)", job["steps"][-1]["run"])
    assert job["strategy"]["matrix"]["shard"] == list(range(1, int(count) + 1))
    assert job["name"].endswith(f"of {count}")


# --- forms ---


@each_file(FORMS)
def test_an_issue_form_is_one_that_github_shows(path):
    form = loaded(path)
    assert form["name"] and form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    identifiers = [field["id"] for field in fields]
    assert len(set(identifiers)) == len(identifiers)
    assert all(re.fullmatch(r"[\w-]+", identifier) for identifier in identifiers)
    for field in form["body"]:
        assert field["type"] in ("markdown", "input", "textarea", "dropdown", "checkboxes")
        assert field["attributes"]["value" if field["type"] == "markdown" else "label"]
    for field in fields:
        assert isinstance(field["validations"]["required"], bool)
        if field["type"] == "dropdown":
            options = field["attributes"]["options"]
            assert len(set(options)) == len(options) > 1


def test_the_forms_ask_what_is_needed():
    asked = {path.stem: {field.get("id") for field in loaded(path)["body"]} for path in FORMS}
    assert asked["wrong_verdict"] >= {"exercise", "answer", "verdict", "expected", "version"}
    assert asked["translation"] >= {"language", "place", "says", "should_say"}


def test_the_forms_know_the_course():
    form = loaded(ROOT / ".github/ISSUE_TEMPLATE/translation.yml")
    [language] = [field for field in form["body"] if field.get("id") == "language"]
    codes = re.findall(r"\((\w\w)\)", " ".join(language["attributes"]["options"]))
    assert codes == [code for code in COURSE["languages"] if code != "en"]
    for path in FORMS:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\blesson\d\d_\w+\.\w+", text)) <= EXERCISES


def test_reports_of_holes_are_led_to_the_private_way():
    config = loaded(ROOT / ".github/ISSUE_TEMPLATE/config.yml")
    [link] = config["contact_links"]
    assert link["url"] == f"{REPOSITORY}/security/advisories/new"
    assert "Report a vulnerability" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


# --- citation and changelog ---


def test_the_citation_has_what_its_format_needs():
    citation = loaded(ROOT / "CITATION.cff")
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["authors"] == [{"name": "The fedcourse authors"}]
    assert citation["license"] == "Apache-2.0"
    assert citation["repository-code"] == REPOSITORY
    assert "version" not in citation  # git's tags say it


def releases() -> list[tuple[str, str]]:
    """The heading of each release, and what it says."""
    _, *parts = re.split(r"^## (.+)\n", CHANGELOG, flags=re.MULTILINE)
    return list(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("heading, text", releases(), ids=[heading for heading, _ in releases()])
def test_every_release_says_whether_to_grade_again(heading, text):
    assert re.fullmatch(r"Unreleased|\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", heading)
    [(answer, detail)] = re.findall(r"^\*\*Grade again: (no|yes)(.*)$", text, re.MULTILINE)
    if answer == "yes":
        lessons, because, _reason = detail.partition(" because ")
        numbers = {int(number) for number in re.findall(r"\d+", lessons)}
        assert because and numbers and numbers <= set(range(1, len(COURSE["lesson"]) + 1))


def test_the_newest_release_is_on_top_and_every_tag_is_told_of():
    headings = [heading.split(" - ")[0] for heading, _ in releases()]
    numbers = [tuple(map(int, heading.split("."))) for heading in headings[1:]]
    assert headings[0] == "Unreleased"
    assert numbers == sorted(numbers, reverse=True)
    tags = subprocess.run(
        ["git", "tag", "--list", "v[0-9]*"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    assert {tag.removeprefix("v") for tag in tags.split()} <= set(headings)
