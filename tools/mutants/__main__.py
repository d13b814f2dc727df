"""`python -m tools.mutants [EXERCISE …]`: `make mutants`."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from fedgrader.course import load_course
from tools.mutants import trial


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("exercises", nargs="*", help="names or parts of names; else all")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=Path, help="write all trials there")
    options = parser.parse_args()
    known = list(load_course().exercises())
    wanted = [
        name for name in known if not options.exercises or any(part in name for part in options.exercises)
    ]
    trial.warm_up()
    trials = []
    for exercise in wanted:
        done = list(trial.run(trial.mutants(exercise), options.workers))
        trials += done
        counts = {
            outcome: sum(one.outcome == outcome for one in done)
            for outcome in (trial.KILLED, trial.SURVIVED, trial.SAME)
        }
        print(exercise, counts, flush=True)
        for one in done:
            if one.outcome == trial.SURVIVED:
                print(f"  survived: [{one.kind}] {one.name}", flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in trials], ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
