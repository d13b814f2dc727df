"""What a kernel needs to know that runs beside the notebook's own, where `colab.py` has started it."""

import tensorboard.notebook
import tqdm.notebook
import tqdm.std


def prepare(in_colab: bool) -> None:
    """Make this kernel show what the notebook can show, for only messages get there; call it first of all."""
    _draw_bars_in_text()
    if in_colab:
        _show_tensorboard_in_colab()


def _draw_bars_in_text() -> None:
    """Make `tqdm.notebook` and `tqdm.auto` draw as `tqdm` does: their widgets would stand still at 0 %."""
    tqdm.notebook.tqdm = tqdm.notebook.tqdm_notebook = tqdm.std.tqdm
    tqdm.notebook.trange = tqdm.notebook.tnrange = tqdm.std.trange


def _show_tensorboard_in_colab() -> None:
    """Make `%tensorboard` ask Colab for its page, which a browser cannot get from the machine itself."""
    tensorboard.notebook._get_context = lambda: tensorboard.notebook._CONTEXT_COLAB
