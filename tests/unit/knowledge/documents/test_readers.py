from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from heisenberg.knowledge.base import Passage
from heisenberg.knowledge.documents.base import Unreadable
from heisenberg.knowledge.documents.reading import passages_in


def read(name: str, text: str | bytes) -> list[Passage]:
    data = text.encode() if isinstance(text, str) else text
    return passages_in(Path("/docs") / name, data)


def places(name: str, text: str | bytes) -> list[tuple[str, int, str]]:
    return [(one.heading, one.line, one.text) for one in read(name, text)]


def pdf(*pages: str, password: str = "") -> bytes:
    """A PDF with a line of text on each page; an empty one stands for a picture of a page."""
    writer = PdfWriter()
    for words in pages:
        page = writer.add_blank_page(200, 200)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET".encode() if words else b"")
        page[NameObject("/Contents")] = writer._add_object(content)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_markdown_is_known_by_its_headings() -> None:
    text = """\
---
title: nobody reads this
---
Before.

# Install *it*

Get a `cable`.

## Linux

Plug it in.

Setext
------
Below.

# Use
> # a quoted heading is none

Done.
"""
    assert places("a.md", text) == [
        ("", 4, "Before."),
        ("Install it", 8, "Get a `cable`."),
        ("Install it > Linux", 12, "Plug it in."),
        ("Install it > Setext", 16, "Below."),
        ("Use", 19, "> # a quoted heading is none\n\nDone."),
    ]


def test_a_heading_within_code_is_none() -> None:
    text = "# One\n\n```sh\n# two\n\nls\n```\n\nThree.\n"
    assert places("a.md", text) == [("One", 3, "```sh\n# two\n\nls\n```\n\nThree.")]


def test_restructured_text_is_known_by_its_headings() -> None:
    text = """\
=====
Guide
=====

See :ref:`other`.

Install
=======

.. sphinxthing:: x
   :option: 1

   Inside.

Linux
-----
::

  $ make

Use
===
Done.
"""
    assert places("a.rst", text) == [
        ("Guide", 5, "See :ref:`other`."),
        ("Guide > Install", 10, ".. sphinxthing:: x\n   :option: 1\n\n   Inside."),
        ("Guide > Install > Linux", 17, "::\n\n  $ make"),
        ("Guide > Use", 23, "Done."),
    ]


def test_restructured_text_brings_in_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret word")
    text = f"""\
Title
=====
.. include:: {tmp_path}/secret
.. raw:: html
   :file: {tmp_path}/secret
.. csv-table:: x
   :file: {tmp_path}/secret

Some words.
"""
    (passage,) = read("a.rst", text)
    assert "the secret word" not in passage.text
    assert "Some words." in passage.text


def test_of_html_there_is_what_a_reader_sees() -> None:
    text = """\
<html><head><title>The page</title><style>p { color: red }</style></head>
<body><nav>Home | About</nav>
<script>steal()</script>
<p>Before <b>the</b>
first   heading.</p>
<h1>Install</h1>
<p>Get a cable.<script>steal()</script><!-- hidden --></p>
<ul><li>red</li><li>blue</li></ul>
<h2>Linux</h2>
<pre>$ make
  all</pre>
<p>one<br>two
three</p>
</body></html>
"""
    assert places("a.html", text) == [
        ("The page", 4, "Before the first heading."),
        ("Install", 7, "Get a cable.\n\nred\n\nblue"),
        ("Install > Linux", 10, "```\n$ make\n  all\n```\n\none\ntwo three"),
    ]


def test_html_that_is_broken_or_nested_is_read_all_the_same() -> None:
    assert places("a.html", "<p>one <b>two</p> three <<<") == [("", 1, "one two\n\nthree <<<")]
    deep = "<div>" * 3000 + "deep" + "</div>" * 3000
    assert [text for *_, text in places("a.html", deep)] == ["deep"]


def test_a_pdf_is_read_page_by_page() -> None:
    assert places("a.pdf", pdf("The first page", "", "The third page")) == [
        ("Page 1", 1, "The first page"),
        ("Page 3", 1, "The third page"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.pdf", pdf(""), "it has no text, only pictures"),
        ("a.pdf", pdf("secret", password="1234"), "it is encrypted with a password"),
        ("a.pdf", b"%PDF-1.7 nonsense", "it is a broken or encrypted PDF"),
        ("a.pdf", b"", "it is a broken or encrypted PDF"),
        ("a.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is not text"),
        ("a.txt", b"", "it is empty"),
        ("a.txt", b" \n\n", "it is empty"),
        ("a.md", b"# Only a heading\n", "it has no text"),
        ("a.html", b"<script>only()</script>", "it has no text"),
    ],
)
def test_what_can_not_be_read_says_why(name: str, data: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(name, data)
    assert str(error.value) == why


def test_source_code_is_known_by_its_definitions() -> None:
    text = '''\
import os

LIMIT = 3

# What greets.
@cached
def greet(name):
    """Say hello."""

    return name

class Cat(Animal):
    def purr(self):
        pass
'''
    assert places("a.py", text) == [
        ("", 1, "import os\n\nLIMIT = 3"),
        (
            "greet",
            5,
            '# What greets.\n@cached\ndef greet(name):\n    """Say hello."""\n\n    return name',
        ),
        ("Cat", 12, "class Cat(Animal):\n    def purr(self):\n        pass"),
    ]


def test_what_has_an_unknown_name_is_text() -> None:
    assert places("notes.xyz", "# one\n\ntwo") == [("", 1, "# one\n\ntwo")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "iso-8859-15", "cp1250"]
)
def test_text_in_any_encoding_is_read(encoding: str) -> None:
    text = (
        "Le café est déjà fermé. Où êtes-vous allés cet été, à l'hôtel ou chez Zoé ?\r\nÉté.\r\n"
        * 4
    )
    data = text.replace("Où", "Ou").replace("ê", "e").replace("à", "a").encode(encoding)
    read_text = read("a.txt", data)[0].text
    assert "café" in read_text
    assert "fermé" in read_text
    assert "\r" not in read_text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Le thé est prêt.", "cp1252"),
        ("Chère Hélène, l'école près de la forêt est à Adélaïde.", "cp1252"),
        ("El niño pequeño", "iso-8859-1"),
        ("Müller wohnt in der Straße 5 und zahlt 12 €.", "cp1252"),
        ("Żółta łódź płynie przez jezioro, a wędkarz łowi ryby.", "cp1250"),
        ("Привет, как дела сегодня, мой старый друг", "cp1251"),
    ],
)
def test_a_short_text_in_an_old_encoding_is_read(text: str, encoding: str) -> None:
    assert read("a.txt", text.encode(encoding))[0].text == text


def test_what_a_section_has_twice_is_one_passage() -> None:
    text = "# A\n\nSame words.\n\n# B\n\nSame words.\n"
    assert [one.line for one in read("a.md", text)] == [3, 7]
    assert len(read("a.txt", "a" * 400_000)) <= 2


def test_japanese_in_its_old_encoding_is_read() -> None:
    text = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 5
    assert "名前はまだ無い" in read("a.txt", text.encode("shift_jis"))[0].text
