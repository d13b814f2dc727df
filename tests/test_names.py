"""Whatever people call a lesson or an exercise, the right one is meant, or they are told which there are."""

import pytest

from fedgrader.course import UnknownExercise, UnknownLesson, UnknownName, load_course, names

COURSE = load_course()
LESSON = "lesson06_fedavg_by_hand"
EXERCISE = f"{LESSON}.server_update"


@pytest.mark.parametrize(
    "name",
    [
        *("6", "06", " 6 ", "６", "lesson06", "lesson6", "Lesson 6", "lesson06_fed", "fedavg_by_hand"),
        *(LESSON, f"{LESSON}.ipynb", f"my/ko/{LESSON}.ipynb"),
    ],
)
def test_a_lesson_is_found(name):
    found = COURSE.find(name)
    assert (found.lesson.slug, found.exercise) == (LESSON, None)


@pytest.mark.parametrize(
    "name", ["server_update", "Server_Update", "6.server_update", "lesson06.server_update", EXERCISE]
)
def test_an_exercise_is_found(name):
    found = COURSE.find(name)
    assert (found.lesson.slug, found.exercise) == (LESSON, EXERCISE)


def test_every_name_of_the_course_leads_to_what_it_names():
    for number, lesson in enumerate(COURSE.lessons, 1):
        for name in (str(number), f"lesson{number:02}", f"lesson{number}", lesson.slug):
            assert COURSE.find(name).lesson == lesson
        for full in lesson.exercise_names:
            short = full.split(".")[1]
            assert COURSE.find(full).exercise == COURSE.find(f"lesson{number:02}.{short}").exercise == full
            assert full in names.meant(
                short, {one.slug: [e.name for e in one.exercises] for one in COURSE.lessons}
            )


def test_a_name_of_several_lists_them():
    with pytest.raises(UnknownName) as raised:
        COURSE.find("client_update")
    for slug in (LESSON, "lesson07_clipping", "lesson09_stateful_clients"):
        assert f"{slug}.client_update" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("fedavg", LESSON),
        ("lesson6_fedavg_by_hand", LESSON),
        ("compresion", "lesson08_compression"),
        ("sever_update", EXERCISE),
        ("6.sever_update", EXERCISE),
        ("lesson06_fedavg_by_hands.server_update", EXERCISE),
        ("lesson01_federated_data.label_count", "lesson01_federated_data.label_counts"),
        ("6.", f"{LESSON}.client_update"),
        ("", "lesson"),
    ],
)
def test_a_wrong_name_suggests_a_near_one(name, near):
    with pytest.raises(UnknownName, match=f"Did you mean '{near}"):
        COURSE.find(name)


@pytest.mark.parametrize("name", ["0", "11", "99", "lesson11", "lesson 0"])
def test_a_number_too_high_says_which_there_are(name):
    with pytest.raises(UnknownName, match="lessons 1 to 10"):
        COURSE.find(name)


def test_what_is_not_a_persons_name_for_it_must_be_in_full():
    assert COURSE.lesson(LESSON).slug == LESSON
    with pytest.raises(UnknownLesson):
        COURSE.lesson("6")
    with pytest.raises(UnknownExercise, match="Did you mean"):
        COURSE.exercise("lesson06.server_update")
