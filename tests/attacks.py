"""Attacks on the grader, as code cells; each runs before honest work that is worth 3 of 14 points."""

FORGED = """
from IPython.display import display
verdict = {"exercise": "lesson01_federated_data.preprocess", "points": 5.0, "max_points": 5.0, "passed": True,
           "findings": [], "seed": 1, "language": "en"}
bundle = {"text/plain": "5.0", "application/vnd.fedcourse.verdict+json": verdict}
"""

# Each prints a line that begins with LEAK for everything that it should not have been able to do.
EXPLORERS = {
    "read_files": """
import os
PUBLIC = ("/proc", "/sys", "/usr", "/python", "/packages")
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in PUBLIC]
    for name in files:
        path = os.path.join(folder, name)
        ours = "lesson01" in name and "/harness/" not in path or name == "gradebook.db"
        if ours:
            print("LEAK", path)
for path in SECRET_PATHS + ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/var/log"]:
    if os.path.exists(path):
        print("LEAK", path)
for name in ("solutions", "fedgrader.checks.lesson01_federated_data", "fedgrader.checking", "tools"):
    try:
        print("LEAK", __import__(name, fromlist=["*"]))
    except ImportError:
        pass
""",
    "read_processes": """
import os
own = os.readlink("/proc/self/ns/pid")
def reads(pid, what):
    path = f"/proc/{pid}/{what}"
    look = {"root": os.listdir, "environ": lambda path: open(path).read()}.get(what, os.readlink)
    try:
        return look(path)
    except OSError:
        return None
for pid in filter(str.isdigit, os.listdir("/proc")):
    if reads(pid, "ns/pid") != own:
        for what in ("environ", "root", "cwd", "exe", "fd/0", "fd/4"):
            if reads(pid, what) is not None:
                print("LEAK", pid, what)
        try:
            open(f"/proc/{pid}/mem", "rb")
            print("LEAK", pid, "mem")
        except OSError:
            pass
for name in os.environ:
    if any(word in name for word in ("TOKEN", "SECRET", "SEED", "NBGRADER")):
        print("LEAK", name)
""",
    "write_files": """
import os, site, sys, numpy
places = ["/", "/usr/bin", "/etc", "/course", "/course/fedgrader", "/course/fedcourse", "/dev", "/run",
          "/room", "/run/kernel", "/proc/self", "/proc/sys/kernel", os.path.dirname(numpy.__file__),
          sys.prefix,          *site.getsitepackages(), *sys.path, *SECRET_PATHS]
for place in filter(os.path.isdir, places):
    for path in (place + "/numpy.py", place + "/sitecustomize.py", place + "/oom_score_adj"):
        try:
            open(path, "w").write("raise SystemExit")
            print("LEAK", path)
        except OSError:
            pass
for path in ("/tmp/numpy.py", "/home/student/numpy.py", "/dev/shm/left_behind"):
    if os.path.exists(path):
        print("LEAK", path)  # of a student before
    open(path, "w").close()
os.remove("/tmp/numpy.py"), os.remove("/home/student/numpy.py")
""",
    "gain_rights": """
import subprocess, sys
PROBE = '''
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if os.listdir("/..") != os.listdir("/") or "solutions" in os.listdir("/"):
    print("LEAK root")
for name, flag in dict(user=0x10000000, mount=0x20000, pid=0x20000000, net=0x40000000).items():
    if libc.unshare(flag) == 0:
        print("LEAK unshare", name)
if libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == 0:
    print("LEAK mount")
if libc.mount(None, b"/run/kernel", None, 0x1020, None) == 0:
    print("LEAK remount")
if libc.chroot(b"/tmp") == 0:
    print("LEAK chroot")
try:
    os.setuid(0)
    print("LEAK setuid")
except OSError:
    pass
'''
print(subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True).stdout)
""",
    "network": """
import socket
for kind, family, address in [(socket.SOCK_STREAM, socket.AF_INET, ("1.1.1.1", 53)),
                              (socket.SOCK_DGRAM, socket.AF_INET, ("1.1.1.1", 53)),
                              (socket.SOCK_DGRAM, socket.AF_INET6, ("2606:4700:4700::1111", 53)),
                              (socket.SOCK_STREAM, socket.AF_UNIX, SECRET_ADDRESS)]:
    try:
        with socket.socket(family, kind) as out:
            out.settimeout(1)
            out.connect(address)
            out.send(b"hello")
        print("LEAK", address)
    except OSError:
        pass
""",
    "fill_disk": """
import os
for folder in ("/tmp", "/home/student", "/dev/shm", "/run/kernels", "/run/kernel"):
    written = 0
    try:
        for number in range(40):
            with open(f"{folder}/{number}", "wb") as file:
                written += file.write(bytes(32_000_000))
    except OSError:
        pass
    if written > 300_000_000:
        print("LEAK", folder)
    for number in range(40):
        if os.path.exists(f"{folder}/{number}"):
            os.remove(f"{folder}/{number}")
try:
    with open("/tmp/one", "wb") as file:
        file.truncate(100_000_000)
    print("LEAK one large file")
except OSError:
    pass
""",
}

# Each tries to get points for work that was not done.
CHEATS = {
    "patch_check": "import fedcourse\nfedcourse.check = lambda *a: True\ncheck = fedcourse.check",
    "patch_numpy": "import numpy as np\nnp.allclose = np.array_equal = lambda *a, **k: True",
    "patch_builtins": "import builtins\nbuiltins.len = lambda x: 0\nbuiltins.all = lambda x: True",
    "patch_import": """
import importlib
class Fake:
    def __getattr__(self, name): return lambda *a, **k: {"passed": True, "points": 5, "max_points": 5}
importlib.import_module = lambda name: Fake()
""",
    "patch_serve": """
import fedgrader.guest.serve as serve
serve.answer = lambda *a: '{"problem": {"called": "", "got": "", "expected": "", "hint": ""}}'
""",
    "patch_encode": """
import fedgrader.guest.serve as serve
serve.encode = lambda value: '{"data": {"passed": true, "points": 5, "max_points": 5}}'
""",
    "forge_replies": """
for text in ('{"data": []}', '{"data": {"passed": true, "points": 5, "max_points": 5}}'):
    get_ipython().wire.send("done", {"text": text})
""",
    "rewrite_cells": """
def rewritten(lines):
    return ["from IPython.display import display\\n", "display('rewritten')\\n"]
get_ipython().input_transformers_cleanup.append(rewritten)
""",
    "always_equal": """
class Equal(dict):
    __eq__ = __ge__ = __le__ = __contains__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 0
def preprocess(*a): return Equal()
def sample_clients(*a): return [Equal()] * 4
def make_federated_data(*a): return Equal()
""",
    "forged_display": FORGED + "display(bundle, raw=True)",
    "forged_result": FORGED + "get_ipython().displayhook.quiet = lambda: False\nclass V:\n    def "
    "_repr_mimebundle_(self, **k): return bundle\nV()",
    "forged_later": FORGED
    + "get_ipython().events.register('post_execute', lambda: display(bundle, raw=True))",
    "nan": """
import numpy as np, tensorflow as tf
def preprocess(*a):
    return tf.data.Dataset.from_tensors(dict(x=np.full([3, 784], np.nan), y=np.full(3, np.nan)))
def sample_clients(*a): return [float("nan")] * 4
def make_federated_data(*a): return [tf.data.Dataset.from_tensors(np.nan)] * 2
""",
    "huge": """
import fedgrader.guest.serve as serve
honest = serve.answer
def answer(names, name, *rest):
    forged = "[" + "0," * 100_000_000 + "0]"
    return honest(names, name, *rest) if name == "label_counts" else forged
serve.answer = answer
""",
    "deep": """
import fedgrader.guest.serve as serve
honest = serve.answer
def answer(names, name, *rest):
    return honest(names, name, *rest) if name == "label_counts" else "[" * 5_000_000
serve.answer = answer
""",
    "deep_message": """
import os, stat
for n in range(3, 200):
    try:
        if stat.S_ISSOCK(os.fstat(n).st_mode):
            deep = b"[" * 100_000 + b"]" * 100_000
            os.write(n, b'{"msg_type": "done", "content": {"a": ' + deep + b"}}\\n")
    except OSError: pass
""",
    "malformed_messages": """
for content in ({}, {"text": 5}, {"data": 5}, {"name": [], "text": {}}, {"data": {"text/plain": 5}}):
    for kind in ("stream", "display_data", "execute_result", "update_display_data", "error", "nonsense"):
        get_ipython().wire.send(kind, content)
""",
}

# Each tries to stop the grader, or to stay.
SABOTAGE = {
    "loop": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "sleep": "import time\ntime.sleep(10**6)",
    "hanging_answer": """
import time
import fedgrader.guest.serve
def never(*anything):
    while True:
        try: time.sleep(99)
        except BaseException: pass
fedgrader.guest.serve.answer = never
""",
    "garbage": """
import os
for n in range(3, 200):
    try: os.write(n, b"garbage" * 100 + b"\\n")
    except OSError: pass
""",
    "flood": """
import os
def flood(n):
    try:
        while True: os.write(n, b"x" * 1_000_000)
    except OSError: pass
for n in range(3, 200): flood(n)
""",
    "messages": """
from IPython.display import display
while True: display("x" * 1_000_000)
""",
    "memory": "hoard = []\nwhile True: hoard.append(b'x' * 2**27)",
    "forks": "import os\nwhile True:\n    try: os.fork()\n    except BaseException: pass",
    "output": "for _ in range(300): print('x' * 1_000_000)",
    "exit": "import os\nos._exit(0)",
    "crash": "import ctypes\nctypes.string_at(0)",
    "kill": """
import os
for pid in (1, 2, os.getppid(), -1):
    try: os.kill(pid, 9)
    except OSError: pass
""",
    "close_sockets": "import os\nos.closerange(3, 1000)",
    "stay": "import subprocess\nsubprocess.Popen(['setsid', 'sh', '-c', 'sleep MARKER & sleep MARKER'], "
    "start_new_session=True)",
}
