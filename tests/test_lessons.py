"""The lessons themselves, run from top to bottom in a real kernel."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient
from processes import PATIENCE

from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.course import Lesson, load_course
from tools.classroom import Student, completed

LESSONS = load_course().lessons

# What a lesson takes of a processor, where it is not about SECONDS.
SECONDS = 15
HEAVY = {
    "lesson02_federated_averaging": 50,
    "lesson07_clipping": 75,
    "lesson08_compression": 115,
    "lesson09_stateful_clients": 90,
    "lesson10_private_averaging": 70,
}
# Prose differs by language, code does not (`test_build.py` sees to that): in the others one lesson will do.
RUNS = [(lesson, "en") for lesson in LESSONS]
RUNS += [(LESSONS[0], language) for language in load_course().languages if language != "en"]


def together(slug: str, language: str) -> tuple[pytest.MarkDecorator, ...]:
    """Slow tests that share one run of a lesson, and so a process."""
    return pytest.mark.slow(HEAVY.get(slug, SECONDS)), pytest.mark.xdist_group(f"{slug}, {language}")


def about(slug: str) -> Callable[[Callable], Callable]:
    """The test is about what the lesson printed in English: its argument `said`."""
    return pytest.mark.parametrize(
        "said", [pytest.param(slug, marks=together(slug, "en"), id=slug)], indirect=True
    )


def run(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    NotebookClient(nb, timeout=PATIENCE).execute()
    return nb


def outputs(nb: nbformat.NotebookNode) -> list:
    return [output for cell in nb.cells if cell.cell_type == "code" for output in cell.outputs]


def printed(nb: nbformat.NotebookNode, stream: str = "stdout") -> str:
    return "".join(output.text for output in outputs(nb) if output.get("name") == stream)


def verdicts(nb: nbformat.NotebookNode) -> dict[str, dict]:
    found = [output.data[VERDICT_MIME] for output in outputs(nb) if VERDICT_MIME in output.get("data", {})]
    return {verdict["exercise"]: verdict for verdict in found}


@pytest.fixture(scope="module")
def solved() -> Callable[[Lesson, str], nbformat.NotebookNode]:
    """Each lesson with the reference solutions, run once a language and kept."""
    return cache(lambda lesson, language: run(completed(Student("reference", language, "all right"), lesson)))


@pytest.fixture
def said(solved, request: pytest.FixtureRequest) -> str:
    return printed(solved(load_course().lesson(request.param), "en"))


def first_number(pattern: str, text: str) -> float:
    return float(re.search(pattern, text).group(1))


@pytest.mark.parametrize(
    ("lesson", "language"),
    [pytest.param(*run, marks=together(run[0].slug, run[1]), id=f"{run[0].slug}-{run[1]}") for run in RUNS],
)
def test_the_reference_earns_everything_and_nothing_complains(solved, lesson, language):
    nb = solved(lesson, language)
    assert printed(nb, "stderr") == ""
    found = verdicts(nb)
    assert set(found) == {f"{lesson.slug}.{exercise.name}" for exercise in lesson.exercises}
    for exercise in lesson.exercises:
        verdict = found[f"{lesson.slug}.{exercise.name}"]
        assert (verdict["passed"], verdict["points"], verdict["language"]) == (
            True,
            exercise.points,
            language,
        )


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelManager]:
    """One kernel for notebooks that are run one after the other: to import TensorFlow takes seconds."""
    manager = KernelManager()
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.slow(120)
@pytest.mark.xdist_group("untouched")
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_an_untouched_notebook_earns_nothing_and_says_what_to_do(kernel, lesson):
    nb = completed(Student("blank", "pt", "blank", all_blank=True), lesson)
    last = max(index for index, cell in enumerate(nb.cells) if cell.id.startswith("check-"))
    del nb.cells[last + 1 :]  # no verdict comes after it
    NotebookClient(nb, timeout=PATIENCE, allow_errors=True, km=kernel).execute()
    found = verdicts(nb)
    assert len(found) == len(lesson.exercises)
    for verdict in found.values():
        assert verdict["points"] == 0 and verdict["language"] == "pt"
        assert "NotImplementedError" in verdict["findings"][0]["message"]


@about("lesson02_federated_averaging")
def test_federated_averaging_with_tff_learning_learns_and_training_metrics_mislead(said):
    centralized = first_number(r"centralized, on strangers: ([\d.]+)%", said)
    federated = first_number(r"federated,   on strangers: ([\d.]+)%", said)
    assert 87 < federated < centralized < 98
    assert first_number(r"server rate 1, on seen clients: ([\d.]+)%", said) > 87
    assert "RuntimeError: resource: Attempting to capture an EagerTensor" in said
    assert "two calls, the same model? False" in said
    assert min(map(int, re.findall(r"reported while training (\d+)%", said))) > 35
    assert "has any weight changed? False" in said
    assert first_number(r"server rate 0, on unseen clients: ([\d.]+)%", said) < 20
    assert first_number(r"(\d+) of 10 read correctly", said) >= 8


@about("lesson06_fedavg_by_hand")
def test_federated_averaging_by_hand_learns_and_equals_tff_learning(said):
    assert first_number(r"before training, on strangers: (\d+)%", said) < 20
    assert first_number(r"after 30 rounds: ([\d.]+)% on clients nobody", said) > 85
    assert first_number(r"largest difference in any weight after 5 rounds: (\S+)", said) < 1e-6
    assert "without tf.function: 0.0" in said and "with tf.function:    5.0" in said


@about("lesson07_clipping")
def test_clipping_saves_the_model_from_a_mad_client_and_not_from_liars(said):

    def last(name, nth=0):
        return int(re.findall(rf"{name} (\d+)%", said)[nth])

    assert "takes part in rounds [4, 6, 7, 10]" in said
    assert last("all clients healthy") > 80 and last("one client mad") < 60
    assert first_number(r"([\d.]+)  <- mad", said) > 1000
    assert first_number(r"mad +without clipping +([\d.]+)", said) > 100
    assert first_number(r"mad +without clipping .* clipped +([\d.]+)", said) < 0.8
    assert last("clipped gradients") > 80 and last("clipped updates") > 80
    assert first_number(r"in any weight after 4 rounds: (\S+)", said) < 1e-6
    assert first_number(r"largest difference of the limits: (\S+)", said) < 1e-5
    assert re.search(r"^zeroing \+ clipping .*\[nan nan\]$", said, re.MULTILINE)
    assert "weights that are NaN, by hand: 7840 of 7840" in said
    assert re.findall(r"^round +\d+: (\d) zeroed", said, re.MULTILINE) == ["0", "1", "1", "0"]
    assert last("zeroing and clipping") > 80  # against the mad client
    assert last("zeroing and clipping", nth=1) < 12  # against the liar
    assert last("each client counts the same") > 75
    assert last("1 liar among ten") > 75 > 60 > last("3 liars among ten") > 15 > last("5 liars among ten")


@about("lesson05_computations")
def test_computations_are_recorded_once_and_run_from_bytes(said):
    assert said.count("Python's print saw Tensor") == 1 and said.count("\ntf.print saw ") == 6
    drawn = [row.split(", ") for row in re.findall(r"random, \w+ run: +\[(.*)\]", said)]
    assert [len(set(numbers)) > 1 for numbers in drawn] == [False, False, True, True]
    assert drawn[0] == drawn[1] and drawn[2] != drawn[3]
    assert "in Python:  is 21 degrees hot? True" in said and "is 21 degrees hot? False" in said
    mean_of_means = first_number(r"mean of phones' means:  ([\d.]+)", said)
    assert first_number(r"mean of all readings:   ([\d.]+)", said) > mean_of_means + 4
    assert "down: []   up: ['<total=float32,count=float32>']" in said
    assert "as measured: 0.25\ncorrected:   0.375" in said and said.endswith("float32@SERVER)\n0.375\n")
    assert 1_000 < first_number(r"bytes of (\d+) bytes", said) < 10_000
    assert [answer == "True" for answer in re.findall(r" in it: (\w+)", said)] == [True, True, *[False] * 3]
    assert re.search(r"Const .* 30\.0\n", said)


@about("lesson04_federated_types")
def test_federated_types_are_as_the_lesson_says(said):
    assert "mean: 6.0\n({float32}@CLIENTS -> float32@SERVER)" in said
    assert "mean shortfall: 2.0" in said
    assert "Right: <x=float32[?,784],y=int32[?]>" in said
    assert said.count("No guess yet") == 5
    # Of all that is attempted, only swapped floats and the list of datasets work; each error is explained.
    assert re.findall(r"It works: (.+)", said) == [
        "(<target=float32@SERVER,hours={float32}@CLIENTS> -> {float32}@CLIENTS)",
        "[21.0]",
    ]
    assert said.count("--> ") == 11 and "--> None" not in said
    predictions = re.findall(r"^(?:broadcast|sum|map) +(\S+) (\S+)$", said, re.MULTILINE)
    assert len(predictions) == 4 and all(predicted == traced for predicted, traced in predictions)
    assert re.findall(r"^wants \S+ {2,}given .* (True|False)$", said, re.MULTILINE) == [
        "True",
        "False",
        "False",
        "False",
        "True",
        "False",
    ]
    assert 0.025 < first_number(r"on average: ([\d.]+)", said) < 0.035
    assert "at the clients before the round: 1" in said and "at the clients after the round:  0" in said


@about("lesson03_custom_model")
def test_a_model_from_scratch_equals_the_wrapped_keras_model(said):
    assert len(re.search(r"((?:\w+\n)+)", said).group(1).split()) == 9
    assert "straight into the loss: 0.000" in said and "through softmax first:  1.461" in said
    assert said.count("num_examples= 74.000") == 1 and "the phone owns 37 pages" in said
    assert "abstract class OldModel with abstract method reset_metrics" in said
    by_hand, by_tff = re.findall(r"by (?:hand|TFF): +(.+)", said)
    assert by_hand == by_tff
    assert first_number(r"by hand: .*'accuracy': ([\d.]+)", said) > 0.6
    assert first_number(r"mean of the five accuracies: ([\d.]+)", said) < 0.55
    assert first_number(r"any of the 7,850 weights: (\S+)", said) < 1e-6
    assert first_number(r"any metric of any round: +(\S+)", said) < 1e-6
    assert first_number(r"([\d.]+)% of 301 pages by people", said) > 80


@about("lesson10_private_averaging")
def test_private_averaging_hides_one_client_and_says_what_it_costs(said):
    changes = re.search(r"change of the bias(.*)", said).group(1).split()
    pages = re.search(r"pages, at home(.*)", said).group(1).split()
    assert [change == min(changes, key=float) for change in changes] == [count == "0" for count in pages]
    assert pages == ["0", "5", "4", "0", "1", "2", "1", "0", "1", "0"]
    assert 3.9 < first_number(r"([\d.]+) times as large", said) < 4.1
    counts = [int(n) for n in re.search(r"clients in each round: (.*)", said).group(1).split()]
    assert (len(counts), min(counts), max(counts)) == (20, 12, 21)
    accuracies = [int(n) for n in re.findall(r"z = [\d.]+: (\d+)%", said)]
    none, little, one, two, four = accuracies
    assert none > 80 and none - little < 5 and 75 < one < 85 and 60 < two < one - 5 and 40 < four < 55
    spent = re.findall(r"^ +[\d.]+ +([\d.]+)   [\d.e+]+$", said, re.MULTILINE)
    assert [float(epsilon) for epsilon in spent] == [100.83, 11.53, 4.1, 1.63]
    assert first_number(r"everybody in every round it would be ([\d.]+)", said) == 23.6
    assert first_number(r"10,000 users, 50 a round +([\d.]+)", said) == 1.017
    assert first_number(r"1,000,000 users, 100 a round +([\d.]+)", said) < 0.2
    noises = [float(n) for n in re.findall(r"noise multiplier ([\d.]+), noise on", said)]
    assert len(noises) == 3 and noises == sorted(noises, reverse=True)
    measured = first_number(r"noise of TFF, measured: ([\d.]+)", said)
    assert abs(measured / first_number(r"yours, by formula: +([\d.]+)", said) - 1) < 0.06
    assert 0.15 < first_number(r"after 12 rounds: .* clipping norm ([\d.]+)", said) < 1
    before = first_number(r"one private model for all: +(\d+)%", said)
    assert first_number(r"trained a little on each phone: +(\d+)%", said) > before + 10


@about("lesson08_compression")
def test_compression_costs_what_the_lesson_says_and_the_model_still_learns(said):
    assert "1,663,370 parameters" in said
    assert re.search(r"^float32\[3136,512\] .* 96\.529%$", said, re.MULTILINE)
    rounds = re.findall(r"^(?:down|up): ([\d.]+) Mibit", said, re.MULTILINE)
    assert rounds == ["507.62", "507.62", "507.62", "146.47", "507.62", "128.41", "146.46", "146.46"]
    assert "up: 3.47 times less" in said
    assert first_number(r"up +6.35 MiB in +([\d.]+) s", said) > 10
    last = re.findall(r"^(.+): (\d+)% on strangers for ([\d.]+ [KM]iB)$", said, re.MULTILINE)
    cnn, softmax = last[2:5], last[5:]
    assert [name for name, _accuracy, _size in cnn] == [
        "not compressed",
        "up compressed",
        "both ways compressed",
    ]
    assert all(int(accuracy) > 70 for _name, accuracy, _size in cnn)
    assert [size for _name, _accuracy, size in cnn] == ["1015.24 MiB", "654.09 MiB", "292.92 MiB"]
    assert len(softmax) == 4 and all(int(accuracy) > 75 for _name, accuracy, _size in softmax)
    nearest, by_chance = (
        float(number) for number in re.findall(r"mean of 400 phones: +\[ *-1\. +([\d.]+) +1\. *\]", said)
    )
    assert nearest == 0.333 and abs(by_chance - 0.1) < 0.05
    assert "2 bits, by our hand:    245.06 Kibit" in said and "uint8:  61.31 Kibit" in said
    uniform = first_number(r"uniform +mean error ([\d.]+)", said)
    assert first_number(r"rotated, then uniform +mean error ([\d.]+)", said) < uniform / 4
    assert first_number(r"without memory +(\d+)%", said) < 40
    assert first_number(r"error feedback +(\d+)%", said) > 80


@about("lesson09_stateful_clients")
def test_state_that_stays_with_the_client_pays_and_survives(said):
    assert "spread 0.0: gradient of bias 0.82, of vectors 0.00, of taste 0.00" in said
    assert first_number(r"spread 0.2: .* of taste ([\d.]+)", said) > 0.1
    assert "[1, 1, 1]" in said
    # The meter: a taste, float32[3], goes up in the round that leaks, and only there.
    lines = re.findall(r"^[↓↑] .*", said, re.MULTILINE)
    honest, leaky = lines[:5], lines[5:]
    assert [line[0] for line in honest] == list("↓↓↑↑↑") and "float32[3]" not in "".join(honest)
    assert leaky[:-1] == honest and re.fullmatch(r"↑ .* float32\[3\] +96 bit", leaky[-1])
    assert "exactly the films this user rated? True" in said
    assert "it fell 29 times in 29" in said
    before = first_number(r"loss before any training: ([\d.]+)", said)
    kept, thrown_away, mixed_up = map(
        float, re.search(r"kept (\S+), thrown away (\S+), mixed up (\S+)", said).groups()
    )
    assert kept < 0.65 < 0.7 < thrown_away < 0.85 < mixed_up < 1.0 < before
    assert first_number(r"without a power cut: (\S+)", said) < 1e-6
    assert "the old file is whole: 64 drawers; leftovers: 0" in said
    assert first_number(r"to throwing the state away: (\S+)", said) < 1e-6
    assert first_number(r"reconstructed, 10 passes: ([\d.]+)", said) < kept
    newcomers = re.findall(r"passes: loss ([\d.]+) with our films, ([\d.]+)", said)
    ours, forgetful = ([float(pair[column]) for pair in newcomers] for column in (0, 1))
    assert ours == sorted(ours, reverse=True) and ours[-1] < kept
    assert all(mine < theirs for mine, theirs in zip(ours[2:], forgetful[2:], strict=True))
    liked, might_like = re.search(r"gave\n(?:.*\n){4}", said).group(), said.split("might like\n")[1]
    assert all("Western" in line or "Horror" in line for line in liked.splitlines()[1:])
    assert all("Western" in line or "Horror" in line for line in might_like.splitlines())
    assert first_number(r"^ +([\d.]+) ", might_like) > 5
