"""Which files are taken for a submission."""

from pathlib import Path

from fedcourse.i18n import N_

MAX_BYTES = 50_000_000
_LINK = N_("The file {name} is a link. Ask for the notebook itself.")
_LARGE = N_("The file {name} has {size} MB; {most} MB are allowed. Ask for it without its outputs.")


def refusal(path: Path) -> tuple[str, dict[str, str | int]] | None:
    """Why the notebook at `path`, below its student's folder, is not taken: a message and its values."""
    if any(place.is_symlink() for place in (path, path.parent, path.parent.parent)):
        return _LINK, {"name": path.name}
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        size, most = path.stat().st_size // 1_000_000, MAX_BYTES // 1_000_000
        return _LARGE, {"name": path.name, "size": size, "most": most}
    return None
