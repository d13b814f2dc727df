"""The font of the Chinese and Korean plots: Noto Sans CJK, cut down to the characters the course uses."""

from pathlib import Path

CJK_FONT = Path(__file__).parent / "course-cjk.otf"
CJK_LANGUAGES = ("zh", "ko")
