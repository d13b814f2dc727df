"""Dockerfiles, as far as this course's goes."""

import re
from pathlib import Path

INSTRUCTIONS = {"FROM", "ARG", "ENV", "RUN", "USER", "WORKDIR", "COPY", "EXPOSE", "CMD"}


def read_dockerfile(path: Path) -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage, by the stage's name, in order.

    Raises:
      ValueError: there is an instruction that the tests do not know.
    """
    stages: dict[str, list[tuple[str, str]]] = {}
    text = re.sub(r"(?m)^\s*#.*\n", "", path.read_text()).replace("\\\n", " ")
    for line in filter(None, text.splitlines()):
        name, words = line.split(maxsplit=1)
        if name not in INSTRUCTIONS:
            raise ValueError(f"{path.name} has an instruction that the tests do not know: {line}")
        if name == "FROM":
            stage = stages.setdefault(words.split()[-1], [])
        stage.append((name, words))
    return stages
