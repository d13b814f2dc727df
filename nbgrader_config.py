"""nbgrader's configuration for the course; found in the current directory, or given with `--config`."""

from fedgrader.grading.config import configure

c = get_config()  # noqa: F821  (traitlets defines it)
configure(c)

# Your own settings go below, for example:
# c.RunNotebook.timeout = 240  # seconds a cell may take
