"""Student kernels in a sandbox: forks of a warm process, without network, secrets, or a way to stay.

`warm.py` runs inside bubblewrap and forks; `host.py` starts it and asks it for kernels, which `cgroup.py`
limits; `provisioner.py` gives those kernels to any Jupyter client by the kernel's name.
"""
