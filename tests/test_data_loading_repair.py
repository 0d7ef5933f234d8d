"""Repair of plan texts."""

import unicodedata

import pytest

from data import files
from data.loading.repair import Report, repair


def given(plan: str) -> str:
    return (files.PLANS / f"{plan}.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("plan", "report"),
    [
        ("binh-duong-2019", Report(letters=400, marks=0, furniture=2)),
        ("lang-son-2021", Report(letters=0, marks=12, furniture=1)),
    ],
)
def test_the_report_says_how_much_was_repaired(plan: str, report: Report) -> None:
    assert repair(given(plan)).report == report


@pytest.mark.parametrize("plan", ["binh-duong-2019", "lang-son-2021"])
def test_a_repaired_text_needs_no_further_repair(plan: str) -> None:
    text = repair(given(plan)).text
    assert unicodedata.is_normalized("NFC", text)
    assert not set("ñÑðÐ\n\f") & set(text)
    assert repair(text).text == text
    assert repair(text).report == Report()


def test_legacy_letters_become_the_real_ones() -> None:
    repaired = repair("ðộc lập, ñiện năng, ÑIỆN, Ðầu tư")
    assert repaired.text == "Độc lập, điện năng, ĐIỆN, Đầu tư"
    assert repaired.report.letters == 4


@pytest.mark.parametrize(
    "text",
    [
        "Đoàn công tác gặp ông Peña và ông Ñancupil về hiện tượng El Niño",
        "đối tác España",
        "Hiện tượng El Niño",
    ],
)
def test_a_real_letter_of_another_language_stays(text: str) -> None:
    repaired = repair(text)
    assert repaired.text == text
    assert repaired.report == Report()


def test_combining_marks_are_composed_and_counted() -> None:
    repaired = repair(unicodedata.normalize("NFD", "Sở Y tế"))
    assert repaired.text == "Sở Y tế"
    assert repaired.report.marks == 4


def test_lines_are_folded_and_words_cut_at_a_hyphen_joined() -> None:
    repaired = repair("Quyết định số 2545/QĐ-\n\n  TTg  ngày\r\ncông nghệ -\nviễn thông")
    assert repaired.text == "Quyết định số 2545/QĐ-TTg ngày công nghệ - viễn thông"


def test_invisible_characters_and_odd_blanks_do_not_split_words() -> None:
    assert repair("\ufeffSở\u00a0Y\u200b tế\u00ad").text == "Sở Y tế"


def test_page_furniture_is_no_text() -> None:
    raw = (
        "cảng sông, ICD1, kho CFS2 để giảm chi phí\n\n" + " " * 40 + "\n"
        "1 ICD (Inland Container Depot): cảng cạn\n2 CFS: nơi gom hàng\n"
        "\f tiếp trang sau\nhttps://example.vn/?a=1\n- 7 -\nTrang 3/12\n8\nhết"
    )
    repaired = repair(raw)
    assert repaired.text == "cảng sông, ICD1, kho CFS2 để giảm chi phí tiếp trang sau hết"
    assert repaired.report.furniture == 6


def test_a_line_that_only_looks_like_a_footnote_stays() -> None:
    raw = "trước ngày\n" + " " * 40 + "\n10 tháng 12"
    assert repair(raw).text == "trước ngày 10 tháng 12"


def test_a_paragraph_over_a_page_break_is_one() -> None:
    text = repair(given("lang-son-2021")).text
    assert "ưu tiên giải pháp thanh toán trên thiết bị di động" in text
    assert "liên quan đến người dân, doanh nghiệp" in text
    assert "thukyluat" not in text


def test_lines_keep_their_numbers_and_pieces() -> None:
    repaired = repair("một\n\n  hai   ba \nbốn-\nnăm")
    assert [(line.number, repaired.piece(line)) for line in repaired.lines] == [
        (1, "một"), (3, "hai ba"), (4, "bốn-"), (5, "năm"),
    ]  # fmt: skip
    assert [repaired.number(repaired.text.index(word)) for word in ("một", "ba", "năm")] == [
        1,
        3,
        5,
    ]


def test_an_empty_text_is_empty() -> None:
    assert repair("").text == ""
    assert repair("").lines == ()
