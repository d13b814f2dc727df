"""What goes wrong in the files that people write."""


class SourceError(Exception):
    """An authored file cannot be built; the message names the file, the line and what to do."""
