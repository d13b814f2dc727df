"""What a learner meets in a notebook: exercises without code, functions older than their cell, hints."""

import time

import pytest
from notebook_kernel import NotebookKernel, explained, lesson_kernel, verdict

from fedcourse.coach import cells
from fedcourse.i18n import _, use_language
from fedgrader.course import load_course

LANGUAGES = load_course().languages
COUNTS = "lesson01_federated_data.label_counts"
CHECK = f'check("{COUNTS}", label_counts)'
HINT = f'hint("{COUNTS}")'
STUB = 'def label_counts(dataset):\n    """How often each digit comes."""\n    raise NotImplementedError\n'
RIGHT = """\
import numpy as np

def label_counts(dataset):
    return np.bincount([int(example["label"]) for example in dataset], minlength=10)
"""
WRONG = RIGHT.replace("minlength=10", "minlength=9")
UNCLOSED = RIGHT.replace("(dataset):", "(dataset:")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("notebook")]


@pytest.fixture(scope="module")
def shared_kernel(tmp_path_factory):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FEDCOURSE_HOME", str(tmp_path_factory.mktemp("home")))
        with lesson_kernel() as kernel:
            yield kernel


@pytest.fixture
def kernel(shared_kernel: NotebookKernel) -> NotebookKernel:
    """A kernel that knows of no cell but the set-up cell."""
    shared_kernel.run(
        "%reset_selective -f label_counts\nfrom fedcourse.coach import cells\ncells.log.__init__()"
    )
    return shared_kernel


# --- exercises without code ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_run_all_of_a_fresh_lesson_is_explained(language: str):
    use_language(language)
    with lesson_kernel(language) as kernel:
        defined, checked, needed, missing, further = kernel.run_all(
            STUB, CHECK, "counts = label_counts([])", "counts + 1", "more = counts\n"
        )
        assert defined == [] and verdict(checked)["points"] == 0
        [error, _shown] = needed
        assert (error.ename, error.evalue) == ("NotImplementedError", "")
        exercise = _(
            "Nothing is broken. `{name}` is an exercise, and its code is still to be written: by you. Put it "
            "in place of `raise NotImplementedError` in the cell with `def {name}(`, and run that cell. This "
            "cell needs it, and so does much of what follows; run them after that."
        )
        assert explained(needed) == exercise.format(name="label_counts")
        rests_on = _(
            "What is missing here comes from cell {cell}, and that needs `{name}`, an exercise that had no "
            "code yet. Write `{name}`, run its cell, then run the cells from {cell} on, in their order."
        )
        assert explained(missing) == rests_on.format(cell="`counts = label_counts([])`", name="label_counts")
        assert explained(further) == explained(missing)


def test_an_exercise_without_code_is_found_below_tensorflow_and_tff(kernel: NotebookKernel):
    kernel.run(STUB)
    kernel.run(
        "import numpy as np\nimport tensorflow as tf\nimport tensorflow_federated as tff\n"
        "@tf.function\ndef traced(x):\n    return label_counts(x) + 1"
    )
    for call in (
        "traced(tf.zeros([2]))",
        "tf.data.Dataset.range(3).map(label_counts)",
        "tff.tensorflow.computation(np.int32)(lambda x: traced(x))",
        "tff.federated_computation(tff.FederatedType(np.int32, tff.CLIENTS))(lambda x: label_counts(x))",
    ):
        assert "`label_counts` is an exercise" in explained(kernel.run(call)), call


@pytest.mark.parametrize(
    "own",
    [
        "raise NotImplementedError",
        "class Shape:\n    def area(self):\n        raise NotImplementedError\n\nShape().area()",
        "def later():\n    raise NotImplementedError('not today')\n\nlater()",
        "import numpy as np, tensorflow as tf\ntf.function(lambda x: np.mean(x))(tf.zeros([2]))",
    ],
)
def test_what_the_learner_or_a_library_has_not_implemented_is_no_exercise(kernel: NotebookKernel, own: str):
    outputs = kernel.run(own)
    assert outputs[0].ename == "NotImplementedError"
    assert "exercise" not in explained(outputs)


def test_a_missing_name_is_traced_to_the_cell_that_failed_first(kernel: NotebookKernel):
    kernel.run("before = 1\nrows = [1, 2]\nwidth = 1 / 0\nheight = 2", "one")
    number = kernel.execution_count
    kernel.run("area = width * 3", "two")
    for name in ("width", "height", "area"):
        said = explained(kernel.run(name, "three"))
        assert (
            f"comes from cell [{number}]" in said and "`ZeroDivisionError: division by zero` (line 3)" in said
        )
    assert kernel.run("before, rows")[0].output_type == "execute_result"
    assert "is not known here" in explained(kernel.run("breadth"))
    kernel.run("width = 1", "one")
    assert kernel.run("width")[0].output_type == "execute_result"


def test_a_check_without_its_function_names_the_cell_that_failed(kernel: NotebookKernel):
    kernel.run(UNCLOSED, "solution")
    said = explained(kernel.run(CHECK))
    assert f"cell [{kernel.execution_count - 1}]" in said and "'(' was never closed` (line 3)" in said


def test_an_answer_that_needs_another_exercise_is_told_which(kernel: NotebookKernel):
    """It is an attempt, and not the stub of its own exercise."""
    kernel.run("def helper(dataset):\n    raise NotImplementedError\n")
    kernel.run("def label_counts(dataset):\n    return helper(dataset)\n")
    [finding] = verdict(kernel.run(CHECK))["findings"][:1]
    assert "NotImplementedError from `helper`, which `label_counts` calls" in finding["message"]
    assert "Write `helper` first" in finding["hint"]


# --- functions that are older than their cell ---


def refused(outputs: list) -> str:
    """Why the check did not judge; "" if it did."""
    shown = verdict(outputs)
    if shown["findings"] and shown["findings"][0]["part"] == "is what its cell says":
        assert (shown["points"], shown["max_points"], shown["passed"]) == (0, 3, False)
        return shown["findings"][0]["message"]
    return ""


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (UNCLOSED, "`SyntaxError: '(' was never closed` (line 3)"),
        ("1 / 0\n" + RIGHT, "`ZeroDivisionError: division by zero` (line 1)"),
        (RIGHT.replace("dataset)", "dataset=unknown)"), "NameError: name 'unknown' is not defined` (line 3)"),
        (
            RIGHT.replace("def label", "@unknown\ndef label"),
            "NameError: name 'unknown' is not defined` (line 3)",
        ),
        ("%%time\n" + UNCLOSED, "`SyntaxError: "),
        ("import numpy as np\n%nonsense\n" + UNCLOSED, "`SyntaxError: "),
    ],
)
@pytest.mark.parametrize("cell_id", ["solution", None])
def test_a_function_whose_cell_failed_is_not_judged(kernel, broken: str, error: str, cell_id: str | None):
    kernel.run(RIGHT, cell_id)
    assert verdict(kernel.run(CHECK))["passed"]
    kernel.run(broken, cell_id)
    said = refused(kernel.run(CHECK))
    assert "an older `label_counts`, which was not checked" in said and error in said
    assert refused(kernel.run(CHECK)) == said, "as long as it is so"
    kernel.run(WRONG, cell_id)
    assert refused(kernel.run(CHECK)) == ""
    assert not verdict(kernel.run(CHECK))["passed"]


def test_a_cell_is_known_by_its_id_where_its_text_tells_nothing(kernel: NotebookKernel):
    kernel.run(RIGHT, "solution")
    kernel.run(RIGHT.replace("def label_counts", "    fed lable_count"), "solution")
    assert "`IndentationError: unexpected indent` (line 3)" in refused(kernel.run(CHECK))


def test_a_refusal_is_no_attempt_and_no_pass(kernel: NotebookKernel):
    """Progress keeps what was judged, and nothing else."""
    count = f"from fedgrader.study.progress import attempts\nprint(attempts('{COUNTS}').failed)"
    kernel.run(WRONG, "solution")
    kernel.run(CHECK)
    before = kernel.run(count)[0].text
    kernel.run(UNCLOSED, "solution")
    assert refused(kernel.run(CHECK))
    assert kernel.run(count)[0].text == before


def test_a_renamed_function_is_not_judged_under_its_old_name(kernel: NotebookKernel):
    kernel.run(RIGHT, "solution")
    kernel.run(WRONG.replace("label_counts", "label_count"), "solution")
    assert f"cell [{kernel.execution_count}], which defined it, now defines `label_count`" in refused(
        kernel.run(CHECK)
    )
    kernel.run("# " + RIGHT.replace("\n", "\n# "), "solution")
    assert "does so no longer" in refused(kernel.run(CHECK))
    kernel.run(RIGHT, "another")
    assert verdict(kernel.run(CHECK))["passed"]


def test_a_cell_that_was_stopped_before_its_function_leaves_the_older_one(kernel: NotebookKernel):
    kernel.run(RIGHT, "solution")
    stopped = kernel.send("print('begun', flush=True)\nwhile True:\n    pass\n" + RIGHT, "solution")
    kernel.wait_for_output(stopped)
    kernel.interrupt()
    assert kernel.outputs(stopped)[0].ename == "KeyboardInterrupt"
    assert "KeyboardInterrupt" in refused(kernel.run(CHECK))


@pytest.mark.parametrize(
    "cells",
    [
        [(RIGHT, "a"), (RIGHT + "label_counts(3)", "a")],
        [(RIGHT, "a"), (RIGHT + "1 / 0", "b")],
        [(RIGHT, "a"), (UNCLOSED, "b"), (RIGHT, "a")],
        [(RIGHT, "a"), (UNCLOSED, "a"), (RIGHT, "b")],
        [(WRONG, "a"), (RIGHT, "b"), ("1 + 1", "a")],
        [(RIGHT, "a"), ("def helper():\n    1 +", "b"), ("1 / 0", "c")],
        [(RIGHT, "a"), ("print(label_counts)", "b"), ("print(label_counts", "b")],
        [(RIGHT, "a"), ("def other(:\n    label_counts = 3", "b")],
        [("from solutions.lesson01_federated_data import *", "a")] * 2,
        [("from solutions.lesson01_federated_data import label_counts", "a")] * 2,
        [("from solutions.lesson01_federated_data import label_counts\n1 / 0", "a")] * 2,
        [("import solutions.lesson01_federated_data as s\nlabel_counts = s.label_counts", "a")] * 2,
        [(f"exec({RIGHT!r})", "a")] * 2,
        [(RIGHT, "a"), ("import functools\nlabel_counts = functools.wraps(label_counts)(label_counts)", "b")],
        [(RIGHT, "a"), (UNCLOSED, "a"), ("del label_counts", "b"), (RIGHT, "c")],
        [("if True:\n    " + RIGHT.replace("\n", "\n    ").strip() + "\n", "a"), ("1", "b")],
        [("%%time\n" + RIGHT, "a"), ("%%time\n" + RIGHT, "a")],
        [("%%capture out\n" + RIGHT, "a"), ("out", "b")],
        [(RIGHT, None), ("1 + 1", None), ("1 / 0", None)],
        [("await __import__('asyncio').sleep(0)\n" + RIGHT, "a"), ("1 / 0", "b")],
    ],
)
def test_nothing_is_refused_without_a_reason(kernel: NotebookKernel, cells: list[tuple[str, str | None]]):
    for source, cell_id in cells:
        kernel.run(source, cell_id)
    outputs = kernel.run(CHECK)
    assert refused(outputs) == "" and verdict(outputs)["passed"]


def test_only_what_the_notebook_calls_by_the_exercises_name_is_refused(kernel: NotebookKernel):
    kernel.run(RIGHT, "a")
    kernel.run("mine = label_counts\n" + WRONG.replace("label_counts", "trial"), "b")
    kernel.run(UNCLOSED, "a")
    assert refused(kernel.run(CHECK))
    assert refused(kernel.run(f'check("{COUNTS}", trial)')) == ""


# --- stopping ---


def test_an_endless_loop_is_stopped_in_the_coachs_words(kernel: NotebookKernel):
    kernel.run("import fedgrader.guest.answers as answers\nanswers.DEADLINE_SECONDS = 2")
    for body in (
        "while True:\n        pass",
        "while True:\n        try:\n            pass\n        except:\n            pass",
    ):
        kernel.run(f"def label_counts(dataset):\n    {body}")
        [finding] = verdict(kernel.run(CHECK))["findings"][:1]
        assert "no answer within 2 seconds" in finding["message"] and "`while`" in finding["hint"]
    kernel.run("answers.DEADLINE_SECONDS = 30")
    kernel.run(RIGHT)
    assert verdict(kernel.run(CHECK))["passed"]


def test_the_stop_button_ends_a_check_and_the_next_one_runs(kernel: NotebookKernel):
    kernel.run(
        "import tensorflow as tf\n@tf.function\ndef count(dataset):\n    total = tf.zeros([10])\n"
        "    for _element in dataset.repeat():\n        total += 1.0\n    return total\n"
        "def label_counts(dataset):\n    print('begun', flush=True)\n    return count(dataset)"
    )
    running = kernel.send(CHECK)
    kernel.wait_for_output(running)
    kernel.interrupt()
    assert [output.ename for output in kernel.outputs(running) if output.output_type == "error"] == [
        "KeyboardInterrupt"
    ]
    kernel.run(RIGHT)
    assert verdict(kernel.run(CHECK))["passed"]


def test_after_the_stop_button_tff_computes_again(kernel: NotebookKernel):
    kernel.run(
        "import numpy as np, tensorflow as tf, tensorflow_federated as tff\n"
        "@tff.tensorflow.computation(np.int32)\ndef endless(x):\n    @tf.function\n    def loop(x):\n"
        "        while x < 9:\n            x = x * 1\n        return x\n    return loop(x)\n"
        "add_one = tff.tensorflow.computation(np.int32)(lambda x: x + 1)\nadd_one(1)"
    )
    running = kernel.send("print('begun', flush=True)\nendless(3)")
    kernel.wait_for_output(running)
    time.sleep(1)  # time to reach the worker; were it not there yet, the test would only show less
    kernel.interrupt()
    assert kernel.outputs(running)[-1].ename == "KeyboardInterrupt"
    assert kernel.run("add_one(4)")[0].data["text/plain"] == "5"


# --- hints ---


@pytest.fixture
def by_hand(kernel: NotebookKernel):
    """Run a cell as somebody does who has read what the one before shows."""

    def run(source: str) -> str:
        time.sleep(1.5 * cells._BY_HAND_SECONDS)
        return kernel.run(source)[0].data["text/plain"]

    kernel.run("from fedgrader.study import progress\nprogress.progress_file().unlink(missing_ok=True)")
    return run


def test_run_all_uses_no_hint_up_and_a_run_by_itself_does(kernel: NotebookKernel, by_hand):
    for _time in range(2):
        outputs = kernel.run_all("1", HINT, HINT)
        assert [shown[0].data["text/plain"] for shown in outputs[1:]] == [
            "Hints to come: 3. Run this cell by itself for the next one."
        ] * 2
    assert [by_hand(HINT).count("Hint ") for _time in range(2)] == [1, 2]
    _first, shown = kernel.run_all("1", HINT)
    said = shown[0].data["text/plain"]
    assert said.count("Hint ") == 2 and said.endswith(
        "Hints to come: 1. Run this cell by itself for the next one."
    )
    assert [by_hand(HINT).count("Hint ") for _time in range(2)] == [3, 3]
    _first, shown = kernel.run_all("1", HINT)
    assert "to come" not in shown[0].data["text/plain"]


def test_hints_are_remembered_without_a_home_for_as_long_as_the_kernel_runs(kernel: NotebookKernel, by_hand):
    kernel.run(
        "import os\nkept = os.environ['FEDCOURSE_HOME']\nos.environ['FEDCOURSE_HOME'] = '/dev/null/nowhere'"
    )
    try:
        assert [by_hand(HINT).count("Hint ") for _time in range(2)] == [1, 2]
        _first, shown = kernel.run_all("1", HINT)
        assert shown[0].data["text/plain"].count("Hint ") == 2
    finally:
        kernel.run("os.environ['FEDCOURSE_HOME'] = kept")
    assert by_hand(HINT).count("Hint ") == 1, "nothing was kept"
