"""The questions to guess at: each has its choices in the text and a reply for each of them."""

import re
from collections import Counter

import pytest

from fedcourse import guess
from fedgrader.course import ROOT, load_course
from fedgrader.questions import find_question, questions

LESSONS = [lesson.slug for lesson in load_course().lessons]
ASKED = [(slug, name) for slug in LESSONS for name in questions(slug)]


@pytest.mark.parametrize("slug", LESSONS)
def test_every_lesson_asks(slug: str):
    assert len(questions(slug)) >= 2


@pytest.mark.parametrize(("slug", "name"), ASKED)
def test_the_choices_stand_right_before_the_question_and_each_has_a_reply(slug: str, name: str):
    text = (ROOT / "source" / slug / f"{slug}.md").read_text(encoding="utf-8")
    before = text.split(f"```{{code-cell}}\n:guess: {name}\n```")[0].rstrip().split("\n\n")[-1]
    letters = re.findall(r"^- \*\*(\w)\*\*: \S", before, re.MULTILINE)
    question = find_question(f"{slug}.{name}")
    assert letters == list(question.replies) == list("abc")
    assert question.right in letters
    assert len(set(question.replies.values())) == len(letters)


def test_the_right_choice_cannot_be_told_from_its_letter():
    right = Counter(find_question(f"{slug}.{name}").right for slug, name in ASKED)
    assert max(right.values()) <= 0.5 * len(ASKED)


QUESTION = "lesson06_fedavg_by_hand.trapdoor"


@pytest.mark.parametrize(
    ("choice", "reply"),
    [
        ("?", "Put your choice in place of the `?`"),
        ("", "a, b, c"),
        ("a", "Not this one. In plain Python"),
        (" B ", "Well guessed. The result needs the reading"),
        ("d", "There is no choice 'd'"),
        (None, "There is no choice 'none'"),
    ],
)
def test_a_guess_is_answered(choice, reply: str):
    assert reply in repr(guess(QUESTION, choice))


def test_an_unknown_question_names_the_nearest():
    assert "Did you mean 'lesson06_fedavg_by_hand.trapdoor'?" in repr(
        guess("lesson06_fedavg_by_hand.trap", "a")
    )
    assert "There is no question 'nonsense'" in repr(guess("nonsense", "a"))


def test_a_reply_shows_code_as_code():
    assert "<code>?</code>" in guess(QUESTION, "?")._repr_html_()
