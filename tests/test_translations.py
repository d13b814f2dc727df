"""Translations are complete and sound, and what finds and replaces them loses no byte."""

import shutil
import subprocess
from pathlib import Path

import pytest
from demo_lesson import SOURCE, write_course

from fedgrader.course import ROOT
from tools import build, catalogs, status
from tools.problems import load_glossary, problems
from tools.segments import comment_segments, markdown_segments, walk, walk_comments

GLOSSARY = load_glossary(ROOT / "source" / "glossary.toml")

MARKDOWN = r"""# Title with `code` ##

Setext *heading*
on two lines
===

A paragraph with $x^2$, **bold**,
a hard break by spaces  
and one by a backslash\
and the end.

- item one
  goes on
  - nested [link](http://example.org "title")

    its second paragraph  
    breaks
1. number
2. number
lazily goes on

> quoted **bold**
> goes on
> - a list in it
>   goes on

| head | `b` heads | - |
|---|:-:|---|
| one \| two | `a \| b` or | - |
| x | x | x |
|  | $5$ | 7 |

> - | in | quotes |
>   |---|---|
>   | - | the `a` |

![alt *text*](data:image/png;base64,AAAA)
[![badge](http://example.org/a.svg)](http://example.org) ![again](b.png)

Text with ![a picture](c.png) in it.

<!-- a comment
over lines -->

```python
# code in a fence
```

    indented code

$$
E = mc^2
$$

<https://example.org>

`only_code` $and_{math}$

***
"""

MESSAGES = [
    ("heading", "Title with `code`"),
    ("heading", "Setext *heading* on two lines"),
    (
        "paragraph",
        "A paragraph with $x^2$, **bold**, a hard break by spaces\\\nand one by a backslash\\\nand the end.",
    ),
    ("paragraph", "item one goes on"),
    ("paragraph", 'nested [link](http://example.org "title")'),
    ("paragraph", "its second paragraph\\\nbreaks"),
    ("paragraph", "number"),
    ("paragraph", "number lazily goes on"),
    ("paragraph", "quoted **bold** goes on"),
    ("paragraph", "a list in it goes on"),
    ("table cell", "head"),
    ("table cell", "`b` heads"),
    ("table cell", "one | two"),
    ("table cell", "`a | b` or"),
    ("table cell", "x"),
    ("table cell", "x"),
    ("table cell", "x"),
    ("table cell", "in"),
    ("table cell", "quotes"),
    ("table cell", "the `a`"),
    ("alt text", "alt *text*"),
    ("alt text", "badge"),
    ("alt text", "again"),
    ("paragraph", "Text with ![a picture](c.png) in it."),
]


def test_every_markdown_construct_keeps_its_bytes():
    assert walk(MARKDOWN, lambda message: message) == MARKDOWN


def test_every_markdown_construct_is_found():
    assert [(segment.kind, segment.message) for segment in markdown_segments(MARKDOWN)] == MESSAGES


def test_replaced_text_is_found_again_in_the_same_places():
    replaced = walk(MARKDOWN, lambda message: f"é{message}")
    expected = [(kind, f"é{message}") for kind, message in MESSAGES]
    assert [(segment.kind, segment.message) for segment in markdown_segments(replaced)] == expected
    assert "> - | éin | équotes |" in replaced
    assert "    éits second paragraph\\\n    breaks\n" in replaced
    assert r"| éone \| two | é`a \| b` or | - |" in replaced
    assert "> équoted **bold** goes on\n> - éa list in it goes on\n" in replaced
    assert "![éalt *text*](data:image/png;base64,AAAA)" in replaced


CODE = """\
# First of all
%pip install nothing#egg
if True:  # always
    !ls # a shell's business
    text = "# not a comment"  #tight
# noqa: E501
# ----
"""


def test_comments_are_found_and_replaced_in_place():
    assert [segment.message for segment in comment_segments(CODE)] == ["First of all", "always", "tight"]
    assert walk_comments(CODE, lambda message: message) == CODE
    expected = CODE.replace("First of all", "<First of all>").replace("always", "<always>")
    assert walk_comments(CODE, "<{}>".format) == expected.replace("#tight", "#<tight>")


@pytest.mark.parametrize(
    ("lang", "msgid", "msgstr", "problem"),
    [
        ("pt", "Call `f(x)`.", "Chame `f(y)`.", "inline code differs: 'f(x)' is missing and 'f(y)' is new"),
        ("pt", "So $x^2$ and $x^2$.", "Assim, $x^2$.", "math differs: 'x^2' is missing"),
        ("pt", "See [it](a.html).", "Veja [isso](b.html).", "link or image target differs"),
        ("pt", "See <http://a.org>.", "Veja.", "link or image target differs"),
        ("pt", "No lesson {name!r} here.", "Não há a lição {nome!r} aqui.", "placeholder differs"),
        ("pt", "H<sub>2</sub>O", "H2O", "HTML differs"),
        ("zh", 'The **"mean"** is it.', "**“平均”**是它。", "0 bold and 0 italic render instead of 1 bold"),
        ("ko", "*Look* first.", "먼저 보세요.", "0 bold and 0 italic render instead of 0 bold and 1 italic"),
        ("pt", "Hello.", "Olá.\n\nTudo bem?", "its shape differs"),
        ("pt", "Hello.", " Olá.", "its shape differs"),
        ("pt", "The year 1984 came.", "1984. Ano que veio.", "its shape differs"),
        ("zh", "Each client waits.", "每个用户都在等待。", "the glossary says 客户端 for 'client'"),
        ("pt", "Two rounds.", "Duas voltas.", "the glossary says rodada for 'round'"),
        ("ko", "federated averaging", "연합 학습", "the glossary says 연합 평균"),
    ],
)
def test_problems_finds_each_kind(lang, msgid, msgstr, problem):
    found = problems(lang, msgid, msgstr, GLOSSARY)
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    ("lang", "msgid", "msgstr"),
    [
        ("zh", "The **weights** of `model.client`.", "`model.client` 的**权重**。"),
        ("zh", 'The **"mean"** is it.', "**“平均”** 是它。"),
        ("ko", "The server's `x` and {y}.", "서버의 {y}와 `x`예요."),
        ("pt", "Clients **do** it the other way round.", "Os clientes fazem **ao** contrário."),
        ("zh", "Half a **cli**ent? No: client.", "半个**客户**端？不，客户端。"),
        ("pt", "1. Rounds", "1. Rodadas"),
    ],
)
def test_good_translations_have_no_problem(lang, msgid, msgstr):
    assert problems(lang, msgid, msgstr, GLOSSARY) == []


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The root of a built demo course."""
    assert build.main(write_course(tmp_path), []) == 0
    return tmp_path


def translate(root: Path, english: str, translation: str) -> Path:
    """Write the Chinese of one message of the demo lesson, as a translator does, and build."""
    path = root / "source" / "demo" / "zh.po"
    text = path.read_text(encoding="utf-8")
    untranslated = f'msgid "{english}"\nmsgstr ""'
    assert untranslated in text
    translated = text.replace(untranslated, f'msgid "{english}"\nmsgstr "{translation}"')
    path.write_text(translated, encoding="utf-8")
    build.main(root, [])
    return path


def lesson(root: Path, language: str = "zh") -> str:
    return (root / "lessons" / language / "demo.ipynb").read_text(encoding="utf-8")


def test_a_translation_is_shown_in_its_language_only(course):
    translate(course, "Prose with `code` on two lines.", "带 `code` 的文字。")
    assert "带 `code` 的文字。" in lesson(course)
    assert "on two lines" not in lesson(course)
    assert "on two lines" in lesson(course, "ko")


def test_comments_are_translated_in_ungraded_cells(course):
    translate(course, "Two numbers", "两个数")
    assert '"# 两个数\\n"' in lesson(course)
    po = (course / "source" / "demo" / "zh.po").read_text(encoding="utf-8")
    assert "Why two: it is even." in po
    assert "Secret thought." not in po


def test_fuzzy_shows_english_and_keeps_the_previous_one(course):
    path = translate(course, "Prose with `code` on two lines.", "带 `code` 的文字。")
    write_course(course, source=SOURCE.replace("on two lines", "on two short lines"))
    build.main(course, [])
    for _ in range(2):  # what is written is read back
        (message,) = (m for m in catalogs.read(path, "zh") if "short" in m.id)
        assert message.fuzzy
        assert message.string == "带 `code` 的文字。"
        assert message.previous_id == ["Prose with `code` on two lines."]
        assert "on two short lines" in lesson(course)
        assert "的文字" not in lesson(course)
        build.main(course, [])
    assert not any("on two lines" in m.id for m in catalogs.read(path, "zh"))
    check_with_msgfmt(path)


@pytest.mark.parametrize("broken", ["source/demo/zh.po", "fedcourse/locale/zh/LC_MESSAGES/fedcourse.po"])
def test_a_broken_catalog_is_named_with_its_line(course, capsys, broken):
    path = course / broken
    lines = path.read_text(encoding="utf-8").count("\n")
    path.write_text(path.read_text(encoding="utf-8") + 'msgstring "?"\n', encoding="utf-8")
    assert build.main(course, []) == 1
    assert f"{broken}:{lines + 1}: Unknown or misformatted keyword" in capsys.readouterr().err
    assert "msgstring" in path.read_text(encoding="utf-8")  # what people wrote is not lost


def test_dropped_messages_leave_the_catalog(course):
    path = translate(course, "Two numbers", "两个数")
    write_course(course, source=SOURCE.replace("# Two numbers\n", ""))
    build.main(course, [])
    assert "两个数" not in path.read_text(encoding="utf-8")


def test_per_cent_signs_and_braces_are_prose(course):
    write_course(course, source=SOURCE + "\nIt reached 97 % in 87 rounds of {T}.\n")
    build.main(course, [])
    assert "format" not in (course / "source" / "demo" / "zh.po").read_text(encoding="utf-8")


def test_status_counts_what_is_to_mend(course, capsys):
    translate(course, "Two numbers", "两个 `数`")
    assert status.main(course, []) == 0
    capsys.readouterr()
    assert status.main(course, ["--strict"]) == 1
    said = capsys.readouterr().out
    (row,) = (line.split() for line in said.splitlines() if line.startswith("demo") and " zh " in line)
    total = sum(1 for m in catalogs.read(course / "source" / "demo" / "zh.po", "zh") if m.id)
    assert row == ["demo", "zh", str(100 // total), "%", "0", str(total - 1), "1", "yes"]
    assert "source/demo/zh.po: 'Two numbers': inline code differs: '数' is new" in said


def test_status_names_what_is_not_fresh(course, capsys):
    (course / "lessons" / "pt" / "demo.ipynb").write_text("{}")
    assert status.main(course, ["--strict"]) == 1
    assert "lessons/pt/demo.ipynb: not fresh; run `make build`" in capsys.readouterr().out


def check_with_msgfmt(path: Path) -> None:
    """gettext's own opinion of a `.po` file."""
    run = subprocess.run(
        ["msgfmt", "-c", "-o", "/dev/null", path], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.skipif(not shutil.which("msgfmt"), reason="gettext is not installed")
def test_msgfmt_accepts_every_catalog():
    found = [*ROOT.glob("source/*/*.po"), *ROOT.glob("fedcourse/locale/*/LC_MESSAGES/*.po")]
    assert found
    for path in found:
        check_with_msgfmt(path)


def test_everything_is_translated_fresh_and_unbroken(capsys):
    assert status.main(ROOT, ["--strict"]) == 0, capsys.readouterr().out
