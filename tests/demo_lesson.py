"""A course of one small lesson, to build and to break."""

import shutil
from pathlib import Path

from fedgrader.course import ROOT

COURSE = """
languages = ["en", "zh", "ko", "pt"]
repository = "someone/course"
release = "v1.2"

[[lesson]]
slug = "demo"
minutes = 10
exercises = [{ name = "double", points = 2 }, { name = "Mean", points = 3.5 }]
"""

README = """\
# A course

<!-- make build writes this: clone -->
<!-- clone ends -->

Between.

<!-- make build writes this: lessons -->
What was here before.
<!-- lessons ends -->

The end.
"""

SOLUTIONS = '''"""Solutions."""

import functools

# Why two: it is even.
FACTOR = 2
OTHER = 3


# Remembered, for it is slow.
@functools.cache
def helper(x):
    return x  # unchanged


def double(x):
    """Twice `x`, a number."""

    # Secret thought.
    return FACTOR * helper(x)


class Mean:
    """A running mean."""

    def __init__(self):
        self.values = []

    def add(self, value):
        """Take `value` in."""
        self.values.append(value)
'''

SOURCE = """\
# A demo

You will see what a **client** is.

```{code-cell}
:setup: true
```

Prose with `code`
on two lines.

+++

Prose again.

```{code-cell}
:include: FACTOR, OTHER, helper
```

```{code-cell}
# Two numbers
x = 1  # one
```

```{code-cell}
:solution: double
```

```{code-cell}
:check: double
```

```{code-cell}
:solution: Mean
```

```{code-cell}
:check: Mean
```

Prose again.
"""


def write_course(root: Path, *, source: str = SOURCE, solutions: str = SOLUTIONS) -> Path:
    """Write the course below `root`, with the real nbgrader configuration, and return `root`."""
    shutil.copy(ROOT / "nbgrader_config.py", root)
    texts = {
        "course.toml": COURSE,
        "README.md": README,
        "source/demo/demo.md": source,
        "solutions/demo.py": solutions,
    }
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root
