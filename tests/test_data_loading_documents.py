"""The reader of YAML files: data, lines, faults."""

import unicodedata
from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest

from data.errors import Fault
from data.loading import documents
from data.loading.documents import Section


def test_scalars_are_numbers_dates_truth_and_words() -> None:
    read = documents.parse(
        'n: 5\nx: 0.5\nd: 2021-12-09\nt: true\nnothing:\nno: no\nzeros: 02\nq: "5"\n', "x.yaml"
    )
    assert read.data == {
        "n": 5, "x": 0.5, "d": date(2021, 12, 9), "t": True, "nothing": None,
        "no": "no", "zeros": "02", "q": "5",
    }  # fmt: skip
    assert read.faults == ()


def test_a_date_that_no_calendar_has_stays_text() -> None:
    assert documents.parse("2021-02-30", "x.yaml").data == "2021-02-30"


def test_text_comes_in_nfc() -> None:
    assert documents.parse(unicodedata.normalize("NFD", "tên: huyện"), "x.yaml").data == {
        "tên": "huyện"
    }


def test_every_node_knows_its_line() -> None:
    read = documents.parse("a: 1\nb:\n  - c: x\n    d:\n      - y\n      - >-\n        z\n", "x")
    assert read.line() == 1
    assert read.line("b") == 2
    assert read.line("b", 0, "d") == 4
    assert read.line("b", 0, "d", 1) == 6
    assert read.line("b", 0, "absent") == 3
    assert read.line("absent") == 1


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("a: [1\nb: 2\n", 2, "yaml-broken"),
        ("a: 1\n\tb: 2\n", 2, "yaml-broken"),
        ("a: 1\nb: 'x\n", 3, "yaml-broken"),
        ("a: đúng\nb: \x07\n", 2, "yaml-broken"),
        ("a: 1\n---\na: 2\n", 2, "yaml-broken"),
        ("[" * 3000 + "]" * 3000, 1, "yaml-broken"),
        ("a: 1\nb: 2\na: 3\n", 3, "duplicate-key"),
        ("l:\n  - {a: 1, a: 2}\n", 2, "duplicate-key"),
        ("a: &x [1]\nb: *x\n", 1, "aliased"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_line(text: str, line: int, code: str) -> None:
    faults = documents.parse(text, "x.yaml").faults
    assert [(fault.line, fault.code) for fault in faults] == [(line, code)]


def test_python_objects_are_never_made() -> None:
    read = documents.parse("a: !!python/object/apply:os.getcwd []", "x.yaml")
    assert read.data == {"a": []}


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    (fault,) = documents.read(path).faults
    assert (fault.path, fault.code) == (str(path), "file-missing")


def test_a_file_in_an_old_encoding_is_a_fault_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_bytes(b"a: 1\nb: \xf1\xe0o\n")
    (fault,) = documents.read(path).faults
    assert (fault.line, fault.code, fault.places) == (2, "not-utf8", {"byte": "0xF1"})


def test_a_folder_in_place_of_a_file_is_a_fault(tmp_path: Path) -> None:
    assert documents.read(tmp_path).faults[0].code == "file-unreadable"


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes("\ufeffa: 1".encode())
    assert documents.read(path).data == {"a": 1}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def section(text: str) -> tuple[Section, list[Fault]]:
    faults: list[Fault] = []
    return Section(documents.parse(text, "x.yaml"), faults), faults


def test_a_section_gives_its_fields_as_asked_for() -> None:
    found, faults = section(
        "t: x\nm: null\nn: 5\nf: true\nd: 2021-01-31\nl: [a, b]\nc: red\ns: {t: y}\nr: [{t: z}]\n"
    )
    assert (found.text("t"), found.maybe("m"), found.maybe("absent")) == ("x", None, None)
    assert (found.number("n"), found.flag("f"), found.flag("absent")) == (5, True, False)
    assert found.day("d") == date(2021, 1, 31)
    assert (found.texts("l"), found.texts("absent")) == (("a", "b"), ())
    assert found.choice("c", Colour) is Colour.RED
    inner = found.section("s")
    assert inner is not None
    assert inner.text("t") == "y"
    assert [row.text("t") for row in found.sections("r")] == ["z"]
    found.close()
    assert faults == []


def test_a_section_reports_all_that_does_not_fit() -> None:
    found, faults = section(
        "t: 5\nn: x\nf: perhaps\nd: 31/01/2021\nl: [a, 5]\nm: a\nc: green\ns: 5\nr: {}\nextra: 1\n"
    )
    found.text("t"), found.number("n"), found.flag("f"), found.day("d"), found.texts("l")
    found.days("m"), found.choice("c", Colour), found.section("s"), found.sections("r")
    found.text("absent")
    found.close()
    assert [(fault.line, fault.code) for fault in faults] == [
        (1, "not-text"), (2, "not-number"), (3, "not-flag"), (4, "not-date"), (5, "not-texts"),
        (6, "not-dates"), (7, "not-allowed"), (8, "not-mapping"), (9, "not-list"),
        (1, "field-missing"), (10, "field-unknown"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "word"])
def test_a_file_that_is_no_mapping_is_one_fault(text: str) -> None:
    found, faults = section(text)
    found.text("t")
    found.close()
    assert [fault.code for fault in faults] == ["not-mapping"]
