# The first that runs: a pyenv shim may be there and not run.
PYTHON := $(shell for p in python3.11 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin
SET_UP = $(or $(PYTHON),$(error $(NO_PYTHON))) tools/setup_environment.py
NO_PYTHON = There is no Python 3. Get it, on Debian and Ubuntu with `sudo apt install python3 python3-venv`, \
  on Fedora with `sudo dnf install python3`, on Arch with `sudo pacman -S python`, then run make again

help:    ## this list
	@sed -n 's/^\([a-z]*\):.*## */  make \1\t/p' Makefile | expand -t 16

setup:   ## install everything into .venv (1 GB to download, 3.3 GB of disk, once)
	@$(SET_UP) --next

installed:
	@$(SET_UP)

demo: installed    ## the whole course in a minute: hand out, submit, grade, give feedback
	$(VENV)/python -m tools.demo

test:    ## the tests, all of them
	@$(SET_UP) --test
	$(VENV)/python -m pytest

quick:   ## the fast tests, and of each exercise's answers a right one and a wrong one: two minutes
	@$(SET_UP) --test
	$(VENV)/python -m pytest -m "not slow"

heavy:   ## what the tests leave out: set-up in clean Debian systems (as root), long searches; an hour
	@$(SET_UP) --test
	$(VENV)/python -m pytest -m heavy -n 0 -o faulthandler_timeout=7200

lab: installed     ## open the first lesson that is not done in JupyterLab
	$(VENV)/fedcourse lab

build: installed   ## make the notebooks from source/ and solutions/
	$(VENV)/python -m tools.build

status: installed  ## what is translated, what is stale, what is missing
	$(VENV)/python -m tools.status

mutants: installed ## wrong answers made from the solutions, against the checks; EXERCISE=name for one
	$(VENV)/python -m tools.mutants $(EXERCISE)

bench: installed   ## how fast grading is, beside stock nbgrader
	$(VENV)/python -m benchmarks.grading --lesson 1 --submissions 20 --sizes 300
	$(VENV)/python -m benchmarks.grading --lesson 6 --submissions 20 --sizes 300

clean:   ## remove the environment, the demo and caches; never what students handed in
	rm -rf .venv .uv $(if $(wildcard demo/.made-by-make-demo),demo) .pytest_cache .ruff_cache

.PHONY: help setup installed demo test quick heavy lab build status mutants bench clean
