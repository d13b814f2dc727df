"""The outputs of a cell, made of the messages of the process that ran it, while there is room for them."""

from collections import Counter, defaultdict
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output, output_from_msg

from fedcourse.i18n import _

_UPDATE = "update_display_data"
_KINDS = ("stream", "display_data", "execute_result", "error", _UPDATE)


class BadMessage(ValueError):
    """A message that is not one of Jupyter's."""


class Displays:
    """The outputs of a notebook that can be changed by later messages, by their display id."""

    def __init__(self) -> None:
        self._outputs: dict[str, list[NotebookNode]] = defaultdict(list)

    def add(self, content: dict[str, Any], output: NotebookNode) -> None:
        if name := _display_id(content):
            self._outputs[name].append(output)

    def update(self, content: dict[str, Any], output: NotebookNode) -> None:
        for old in self._outputs[_display_id(content)]:
            old["data"], old["metadata"] = output["data"], output["metadata"]


def _display_id(content: dict[str, Any]) -> str:
    return str((content.get("transient") or {}).get("display_id", ""))


class CellOutputs:
    """Fills a cell's `outputs`: `max_stream` characters of printed text, `max_display` of each other kind."""

    def __init__(self, cell: NotebookNode, displays: Displays, max_stream: int, max_display: int):
        self._cell = cell
        self._displays = displays
        self._limits = dict.fromkeys(_KINDS, max_display) | {"stream": max_stream}
        self._stored: Counter[str] = Counter()
        self._clear_next = False

    def take(self, message: dict[str, Any]) -> None:
        """Do what the message says.

        Raises:
          BadMessage: it is not one of Jupyter's.
        """
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self._clear_next = True
            if not content.get("wait"):
                self._clear()
        elif kind in _KINDS:
            before = self._stored[kind]
            self._stored[kind] += len(str(content))
            if self._stored[kind] <= self._limits[kind]:
                self._store(kind, content)
            elif before <= self._limits[kind]:
                self._store_the_last(kind, content, self._limits[kind] - before)

    def _clear(self) -> None:
        self._cell.outputs.clear()
        self._clear_next = False

    def _store(self, kind: str, content: dict[str, Any]) -> None:
        output = _output("display_data" if kind == _UPDATE else kind, content)
        if kind == _UPDATE:
            self._displays.update(content, output)
            return
        if self._clear_next:
            self._clear()
        if kind == "execute_result":
            self._cell.execution_count = output.execution_count
        last = self._cell.outputs[-1] if self._cell.outputs else {}
        if kind == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            self._cell.outputs.append(output)
            self._displays.add(content, output)

    def _store_the_last(self, kind: str, content: dict[str, Any], left: int) -> None:
        head = str(content.get("text", ""))[:left] + "\n" if kind == "stream" else ""
        text = f"{head}{_('More output than this is not kept.')}\n"
        self._cell.outputs.append(new_output("stream", name=content.get("name", "stdout"), text=text))


def _output(kind: str, content: dict[str, Any]) -> NotebookNode:
    try:
        return output_from_msg({"header": {"msg_type": kind}, "content": content})  # it validates
    except Exception as error:  # whatever a hostile message leads to
        raise BadMessage(str(error)) from None
