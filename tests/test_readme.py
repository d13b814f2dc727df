"""The README tells the truth: its links lead somewhere, its table is whole, its commands exist."""

import argparse
import re

import pytest

from fedgrader.cli import COMMANDS
from fedgrader.course import ROOT, load_course

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_local_link_leads_to_a_file_or_a_heading():
    links = re.findall(r"\]\((?!https?://)([^)]+)\)", README)
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    places = {"#" + re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert links
    assert [link for link in links if link not in places and not (ROOT / link).exists()] == []


def test_the_table_has_every_lesson_in_every_language_with_its_colab_button():
    course = load_course()
    for lesson in course.lessons:
        for language in course.languages:
            path = f"lessons/{language}/{lesson.slug}.ipynb"
            assert f"]({path})" in README
            blob = f"{course.repository}/blob/{course.release}"
            assert f"https://colab.research.google.com/github/{blob}/{path}" in README


def test_the_commands_it_names_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("line", re.findall(r"^fedcourse (.+?)(?:\s+#.*)?$", README, re.MULTILINE))
def test_its_commands_are_understood(line):
    command, *arguments = line.split()
    [known] = [one for one in COMMANDS if one.name == command]
    parser = argparse.ArgumentParser()
    parser.add_argument("--lang", choices=load_course().languages)
    known.arguments(parser)
    parser.parse_args(arguments)


def test_the_exercises_and_notebooks_in_its_commands_exist():
    assert set(re.findall(r"\b(lesson\d\d_\w+\.(?!ipynb)\w+)", README)) <= set(load_course().exercises())
    notebooks = re.findall(r"^fedcourse .*?(lessons/\S+\.ipynb)", README, re.MULTILINE)
    assert all((ROOT / path).exists() for path in notebooks)
