"""Replies are fitted to a channel's limits without harm to words, marks or styles."""

import unicodedata

import pytest

from bot.channels.base import numbered, pages, rows, split
from handlers.messages import Bubble, Choice, Line, Style

WORDS = "Sở Y tế phấn đấu 100% bệnh viện chấp nhận thanh toán không dùng tiền mặt "


def bubble(*choices: tuple[Choice, ...], text: str = "Mời chọn:") -> Bubble:
    return Bubble((Line(text),) if text else (), choices)


def test_numbered_adds_the_choices_that_the_text_does_not_list() -> None:
    more = Choice(3, "Xem thêm", "more:2")
    listed = Choice(1, "Sở Y tế", "agency:so-y-te", listed=True)
    assert numbered(bubble((listed,), (more,))) == "Mời chọn:\n3. Xem thêm"


def test_numbered_without_lines_starts_with_the_first_choice() -> None:
    assert numbered(bubble((Choice(1, "Có", "yes"),), text="")) == "1. Có"


def test_rows_leaves_out_empty_rows() -> None:
    yes, no = Choice(1, "Có", "yes"), Choice(2, "Không", "no")
    assert rows(bubble((), (yes, no), ())) == [[yes, no]]


@pytest.mark.parametrize("limit", [20, 47, 200, 4096])
def test_split_loses_and_cuts_no_word(limit: int) -> None:
    text = WORDS * 90
    found = list(split(text, limit))
    assert " ".join(found).split() == text.split()
    assert max(map(len, found)) <= limit


def test_split_prefers_a_blank_line_then_a_line() -> None:
    assert list(split("một hai ba\n\nbốn năm sáu", 18)) == ["một hai ba", "bốn năm sáu"]
    assert list(split("một hai ba\nbốn năm sáu", 18)) == ["một hai ba", "bốn năm sáu"]


def test_split_cuts_at_an_early_space_rather_than_in_a_word() -> None:
    assert list(split("ba " + "n" * 18, 19)) == ["ba", "n" * 18]


def test_split_cuts_a_word_longer_than_the_limit() -> None:
    assert list(split("x" * 25, 10)) == ["x" * 10, "x" * 10, "x" * 5]


def test_split_keeps_marks_on_their_letters() -> None:
    word = "q\u0301" * 10
    for piece in split(word, 5):
        assert not unicodedata.combining(piece[0])
    assert "".join(split(word, 5)) == word


def test_split_counts_composed_letters() -> None:
    assert list(split(unicodedata.normalize("NFD", "ế" * 10), 10)) == ["ế" * 10]


def test_split_of_nothing_is_nothing() -> None:
    assert list(split(" \n ", 10)) == []


def test_pages_keep_the_style_of_every_piece() -> None:
    found = list(pages([Line("Nguyên văn", Style.STRONG), Line(WORDS * 5, Style.QUOTE)], 120))
    assert found[0][0] == Line("Nguyên văn", Style.STRONG)
    rest = [line for page in found for line in page][1:]
    assert {line.style for line in rest} == {Style.QUOTE}
    assert " ".join(line.text for line in rest).split() == (WORDS * 5).split()
    assert all(len("\n".join(line.text for line in page)) <= 120 for page in found)


def test_pages_keep_blank_lines_only_between_lines() -> None:
    lines = [Line(""), Line("một"), Line(""), Line("hai"), Line("")]
    assert list(pages(lines, 100)) == [(Line("một"), Line(""), Line("hai"))]
    assert list(pages([Line(""), Line(" ")], 100)) == []
