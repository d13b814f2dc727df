"""Sandboxed kernels for any Jupyter client: kernel name "fedcourse-sandbox"."""

import asyncio
import signal
import uuid
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from jupyter_client.session import new_id_bytes

from fedgrader.running.sandbox.host import SandboxRoom, sandbox

_PORTS: KernelConnectionInfo = {
    "shell_port": 1,
    "iopub_port": 2,
    "stdin_port": 3,
    "hb_port": 4,
    "control_port": 5,
}
_PASSED_ON = ("FEDCOURSE_LANG",)


class SandboxProvisioner(KernelProvisionerBase):
    """A kernel is a fork of the warm process; its sockets are files, so it needs no network."""

    _kernel: SandboxRoom | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # A kernel that is restarted listens where it did, so that its clients find it.
        self._directory = uuid.uuid4().hex[:8]
        self._key = new_id_bytes().decode()

    @property
    def has_process(self) -> bool:
        return self._kernel is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel; its connection info. Raises NoSandbox."""
        host = sandbox()
        info: KernelConnectionInfo = {
            "transport": "ipc",
            "signature_scheme": "hmac-sha256",
            "key": self._key,
            **_PORTS,
        }
        environment = {name: value for name, value in kwargs.get("env", {}).items() if name in _PASSED_ON}
        self._kernel = host.start_kernel({**info, "ip": "/run/kernel/k"}, environment, self._directory)
        address = str(host.folder / "kernels" / self._directory / "k")
        key = self._key.encode()  # not the text of Jupyter's annotation: its sessions, too, have bytes
        self.connection_info = {**info, "ip": address, "key": key}  # type: ignore[typeddict-item]
        return self.connection_info

    async def poll(self) -> int | None:
        return self._kernel.poll() if self._kernel else 0

    async def wait(self) -> int | None:
        while (code := await self.poll()) is None:
            await asyncio.sleep(0.02)
        await self.cleanup()
        return code

    async def send_signal(self, signum: int) -> None:
        """An interrupt interrupts, 0 asks for nothing, and any other signal ends the kernel."""
        if self._kernel and signum == signal.SIGINT:
            self._kernel.interrupt()
        elif signum:
            await self.kill()

    async def kill(self, restart: bool = False) -> None:
        if self._kernel:
            self._kernel.kill()

    async def terminate(self, restart: bool = False) -> None:
        await self.kill()

    async def cleanup(self, restart: bool = False) -> None:
        """End the kernel if it still runs, and remove what it leaves."""
        if self._kernel:
            self._kernel.close()
            self._kernel = None
