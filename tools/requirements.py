"""Write `requirements.txt`, the lock as pip understands it.

pip cannot override what TFF 0.87 pins (`jaxlib==0.4.14` is no longer on PyPI), but `--no-deps` does not look.
Each pin carries the hashes of its files, so that pip and uv refuse a file that is not the one locked.
"""

import subprocess
import sys

from tools.setup_environment import ROOT, find_uv

REQUIREMENTS = ROOT / "requirements.txt"
HEADER = """\
# What learners and graders need, as uv.lock has it; made by `python -m tools.requirements`.
# With Python 3.11 on Linux x86_64:
#   pip install --no-deps -r requirements.txt && pip install --no-deps -e .
"""
# Every line carries it, for the lock is made for this platform alone.
PLATFORM = "platform_machine == 'x86_64' and sys_platform == 'linux'"


def requirements() -> str:
    """The text of `requirements.txt`: what uv.lock pins for the course, without the dev group."""
    options = ["--frozen", "--no-dev", "--no-emit-project", "--no-annotate", "--no-header"]
    export = subprocess.run(
        [find_uv(sys.executable), "export", *options], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return HEADER + export.stdout.replace(f" and {PLATFORM}", "").replace(f" ; {PLATFORM}", "")


if __name__ == "__main__":
    REQUIREMENTS.write_text(requirements(), encoding="utf-8")
