# The first that runs: a pyenv shim may be there and not run.
PYTHON := $(shell for p in python3.11 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin

help:    ## this list
	@sed -n 's/^\([a-z]*\):.*## */  make \1\t/p' Makefile | expand -t 16

setup:   ## install everything into .venv (3 GB, once)
	@$(PYTHON) tools/setup_environment.py

demo: setup    ## the whole course in a minute: hand out, submit, grade, give feedback
	$(VENV)/python -m tools.demo

test:    ## the tests, all of them
	@$(PYTHON) tools/setup_environment.py --test
	$(VENV)/python -m pytest

quick:   ## the fast tests, and of each exercise's answers a right one and a wrong one: two minutes
	@$(PYTHON) tools/setup_environment.py --test
	$(VENV)/python -m pytest -m "not slow"

lab: setup     ## open the first lesson that is not done in JupyterLab
	$(VENV)/fedcourse lab

build: setup   ## make the notebooks from source/ and solutions/
	$(VENV)/python -m tools.build

status: setup  ## what is translated, what is stale, what is missing
	$(VENV)/python -m tools.status

mutants: setup ## wrong answers made from the solutions, against the checks; EXERCISE=name for one
	$(VENV)/python -m tools.mutants $(EXERCISE)

bench: setup   ## how fast grading is, beside stock nbgrader
	$(VENV)/python -m benchmarks.grading --lesson 1 --submissions 20 --sizes 300
	$(VENV)/python -m benchmarks.grading --lesson 6 --submissions 20 --sizes 300

clean:   ## remove the environment, the demo and caches; never what students handed in
	rm -rf .venv .uv demo .pytest_cache .ruff_cache

.PHONY: help setup demo test quick lab build status mutants bench clean
