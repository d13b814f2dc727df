"""Run the check of an exercise on mutants of its solution, each in a fork of one warm process."""

import ast
import functools
import importlib.util
import json
import os
import select
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

from fedgrader.course import ROOT
from fedgrader.course.definitions import definitions
from tools.mutants.behaviour import behaviour_mutants
from tools.mutants.mutant import Mutant
from tools.mutants.source import source_mutants

SEEDS = (0, 1)
KILLED, SURVIVED, SAME = "killed", "survived", "the same as the solution"
_WALL_SECONDS = 600
# What is said of an error that nobody has explained, and of a reply that cannot be judged.
_GENERAL = ("Read the last line of the error first", "What came back has another form")


@dataclass(frozen=True)
class Trial:
    """What the check said of a mutant: `outcome`, and for one that it noticed, the part lost and the hint.

    `named` is whether the hint is about just this mistake, and not what is said where none is recognized.
    """

    exercise: str
    kind: str
    name: str
    outcome: str
    part: str = ""
    got: str = ""
    expected: str = ""
    hint: str = ""
    named: bool = False


def warm_up() -> None:
    """Import what every mutant needs; nothing is executed, so this process may be forked."""
    import fedcourse  # noqa: F401, I001  (first: it sets what TensorFlow reads)
    import tensorflow_federated as tff

    import fedgrader.checking.run  # noqa: F401
    from fedcourse import runtime  # noqa: F401

    runner = tff.framework.get_context_stack().current._async_runner
    runner._finalizer(runner._event_loop, runner._thread)
    runner._event_loop.close()
    type(runner).__del__ = lambda self: None  # it has nothing left to end


def mutants(exercise: str) -> list[Mutant]:
    """All mutants of the exercise's solution, in the same order at every run."""
    slug, function = exercise.split(".")
    definition = definitions(_solutions(slug))[function]
    parameters = _parameters(definition)
    return [
        *source_mutants(exercise, definition),
        *behaviour_mutants(exercise, definition, parameters),
    ]


def _parameters(definition: str) -> list[str]:
    function = ast.parse(definition).body[0]
    return [argument.arg for argument in function.args.args]


def _solutions(slug: str) -> str:
    return (ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8")


def run(chosen: Iterable[Mutant], workers: int) -> Iterator[Trial]:
    """The trial of each mutant, as they end; `workers` at a time."""
    waiting, running = list(chosen)[::-1], {}
    while waiting or running:
        while waiting and len(running) < workers:
            mutant = waiting.pop()
            reader, pid = _forked(mutant)
            running[reader] = (mutant, pid)
        ready, _, _ = select.select(list(running), [], [], _WALL_SECONDS)
        for reader in ready or list(running):
            mutant, pid = running.pop(reader)
            yield _result(mutant, reader if ready else None, pid)
            os.close(reader)


def _forked(mutant: Mutant) -> tuple[int, int]:
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(reader)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            os.write(writer, json.dumps(asdict(_judged(mutant))).encode())
        finally:
            os.killpg(0, signal.SIGKILL)  # and TFF's worker with it
    os.close(writer)
    return reader, pid


def _result(mutant: Mutant, reader: int | None, pid: int) -> Trial:
    said = b""
    while reader is not None and (more := os.read(reader, 1_000_000)):
        said += more
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if said:
        return Trial(**json.loads(said))
    return Trial(mutant.exercise, mutant.kind, mutant.name, KILLED, got="the end of the Python process")


def _judged(mutant: Mutant) -> Trial:
    """The trial of a mutant, in this process."""
    from fedcourse import runtime
    from fedgrader.checking.run import run_check
    from fedgrader.guest.answers import LocalAnswer

    runtime.start()
    slug, function = mutant.exercise.split(".")
    result = functools.partial(Trial, mutant.exercise, mutant.kind, mutant.name)
    with tempfile.TemporaryDirectory() as folder:
        try:
            answer, effect = mutant.make(lambda text: _loaded(slug, function, text, Path(folder)))
        except Exception as error:  # such an answer cannot even be handed in
            return result(KILLED, got=type(error).__name__)
        unnamed = _unnamed_hints()
        for seed in SEEDS:
            verdict = run_check(mutant.exercise, LocalAnswer(function, answer), seed)
            if not verdict.passed:
                finding = verdict.findings[0]
                problem = finding.problem
                named = problem.hint not in unnamed and not problem.hint.startswith(_GENERAL)
                return result(KILLED, finding.part, problem.got, problem.expected, problem.hint, named)
        return result(SURVIVED if effect is None or effect.differences else SAME)


def _unnamed_hints() -> set[str]:
    """A set that from now on, in this process, gathers the hints of checks that recognized no mistake."""
    from fedgrader.checking import exercise

    unnamed, hint_for = set(), exercise.hint_for

    def hint_noted(got, want, otherwise, mistakes):
        hint = hint_for(got, want, otherwise, mistakes)
        if hint == otherwise:
            unnamed.add(hint)
        return hint

    exercise.hint_for = hint_noted
    return unnamed


def _loaded(slug: str, function: str, definition: str, folder: Path) -> ModuleType:
    """The lesson's solutions with one definition replaced, as a module with a file: AutoGraph reads it."""
    whole = _solutions(slug)
    text = whole.replace(definitions(whole)[function], definition)
    path = folder / f"{slug}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"mutant_{slug}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
