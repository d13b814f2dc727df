"""Have the checks judge mutants of the solutions: `python -m tools.mutants [EXERCISE …]` (`make mutants`).

All of them write the table `docs/mutants.md`. The exit code is 1 where a mutant survived.
"""

import argparse
import json
import os
import sys
import zlib
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from fedgrader.course import ROOT, load_course
from tools.mutants import table, trial


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("exercises", nargs="*", help="names or parts of names; else all")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--sample", type=int, help="only so many of each exercise, always the same")
    parser.add_argument("--json", type=Path, help="write all trials there")
    options = parser.parse_args()
    parts = options.exercises or [""]
    wanted = [name for name in load_course().exercises() if any(part in name for part in parts)]
    trial.warm_up()
    trials = [one for exercise in wanted for one in _tried(exercise, options.workers, options.sample)]
    stale = [] if options.sample else table.stale(trials)
    for line in stale:
        print(f"listed as equivalent, and is not: {line}")
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in trials], ensure_ascii=False, indent=1))
    if not (options.exercises or options.sample):
        (ROOT / "docs" / "mutants.md").write_text(table.page(trials), encoding="utf-8")
    return int(bool(stale) or any(one.outcome == trial.SURVIVED for one in trials))


def _tried(exercise: str, workers: int, sample: int | None) -> list[trial.Trial]:
    """The trials of the exercise's mutants, or of `sample` of them; survivors are printed."""
    chosen = sorted(trial.mutants(exercise), key=lambda one: zlib.crc32(one.name.encode()))[:sample]
    done = table.settled(trial.run(chosen, workers))
    print(exercise, dict(Counter(one.outcome for one in done)), flush=True)
    for one in done:
        if one.outcome == trial.SURVIVED:
            print(f"  survived: [{one.kind}] {one.name}", flush=True)
    return done


if __name__ == "__main__":
    sys.exit(main())
