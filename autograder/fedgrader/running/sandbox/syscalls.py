"""System calls that student code may not make, as a seccomp filter.

Namespaces, capabilities and file rights already refuse most of them; the filter keeps their code in the Linux
kernel, where such walls have had holes, out of reach. The list follows what Docker's default profile leaves
out: https://docs.docker.com/engine/security/seccomp/.
"""

import errno
import tempfile
from socket import AF_ALG, AF_PACKET, AF_VSOCK

# Each refused with EPERM.
_REFUSED = (
    *("unshare", "setns", "chroot", "pivot_root", "mount", "umount2", "mount_setattr", "move_mount"),
    *("open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "swapon", "swapoff", "quotactl", "acct"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("add_key", "request_key", "keyctl", "open_by_handle_at", "name_to_handle_at", "fanotify_init"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot"),
    *("settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname"),
    *("iopl", "ioperm", "syslog", "vhangup", "lookup_dcookie"),
)
# clone(2): new namespaces for cgroup, uts, ipc, user, pid, network and mounts.
_NEW_NAMESPACES = (0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x20000)
_REFUSED_FAMILIES = (AF_ALG, AF_PACKET, AF_VSOCK)  # network namespaces do not hold the last


class NoSeccomp(RuntimeError):
    """This machine has no libseccomp."""


def program() -> bytes:
    """The filter as the kernel takes it: an array of `struct sock_filter`.

    Raises:
      NoSeccomp: there is no libseccomp.
    """
    try:
        import pyseccomp
    except RuntimeError as error:
        raise NoSeccomp(str(error)) from None
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refused = pyseccomp.ERRNO(errno.EPERM)
    for name in _REFUSED:
        rules.add_rule(refused, name)
    for flag in _NEW_NAMESPACES:
        rules.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    # Its flags stand in memory, which no filter sees; who is told that there is no clone3 uses clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for family in _REFUSED_FAMILIES:
        refusal = pyseccomp.ERRNO(errno.EAFNOSUPPORT)
        rules.add_rule(refusal, "socket", pyseccomp.Arg(0, pyseccomp.EQ, family))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
