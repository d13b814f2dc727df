"""All of the grader that lies in the sandbox, where student code can read and patch it, and nothing else.

Nothing here knows a reference solution, an expected value, or points. `warm.py` forks a process for each
submission; `executor.py` runs cells there; `serve.py` asks an answer with a `harness`; `codec.py` turns the
plain data that come back into text.
"""
