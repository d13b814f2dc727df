"""Wrong answers that nobody thought of: `make mutants` changes the solutions, and the checks must see it.

`source.py` changes a solution's text, `behaviour.py` what goes into it and what comes out. `trial.py` runs
the check on each in a fork of one warm process. `equivalent/` lists those that may pass, and why.
"""
