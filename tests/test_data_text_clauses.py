"""Clauses by any way of naming them."""

import pytest

from data.text.clauses import ClauseRef, fits, read_clauses

NAMED = [
    ("II.5.k", ClauseRef("II", 5, "k")),
    ("II.5k", ClauseRef("II", 5, "k")),
    ("ii5k", ClauseRef("II", 5, "k")),
    ("II/5/k", ClauseRef("II", 5, "k")),
    ("mục II.5.g nói gì", ClauseRef("II", 5, "g")),
    ("điểm g khoản 4 phần II", ClauseRef("II", 4, "g")),
    ("phần II, khoản 4, điểm g", ClauseRef("II", 4, "g")),
    ("DIEM G KHOAN 4 PHAN II", ClauseRef("II", 4, "g")),
    ("khoản 4 mục II", ClauseRef("II", 4)),
    ("khoản 5 mục 2", ClauseRef("II", 5)),
    ("mục 2 khoản 5", ClauseRef("II", 5)),
    ("mục 6 phần III", ClauseRef("III", 6)),
    ("phần III", ClauseRef("III")),
    ("mục 6 phần III quy định gì?", ClauseRef("III", 6)),
    ("Phần III khoản 2 quy định thế nào?", ClauseRef("III", 2)),
    ("mục 5 sở y tế làm gì", ClauseRef(None, 5)),
    ("phần II mục 5 điểm m", ClauseRef("II", 5, "m")),
    ("phần 2", ClauseRef("II")),
    ("phần hai", ClauseRef("II")),
    ("phan thu ba", ClauseRef("III")),
    ("III.6", ClauseRef("III", 6)),
    ("III.1.1", ClauseRef("III", 1, None, (1,))),
    ("điểm đ", ClauseRef(letter="đ")),
    ("Điểm i khoản 5", ClauseRef(None, 5, "i")),
    ("muc 5 diem k", ClauseRef(None, 5, "k")),
    ("mục 5.g", ClauseRef(None, 5, "g")),
    ("mục 5 k", ClauseRef(None, 5, "k")),
    ("mục 5 k có hạn không", ClauseRef(None, 5)),
    ("gạch đầu dòng thứ 2 điểm a khoản 3 phần II", ClauseRef("II", 3, "a", (2,))),
    ("ý thứ 2 điểm a khoản 2 phần II", ClauseRef("II", 2, "a", (2,))),
    ("dấu cộng thứ 3 gạch đầu dòng 1 điểm a khoản 2", ClauseRef(None, 2, "a", (1, 3))),
    ("2.a.3", ClauseRef(None, 2, "a", (3,))),
    ("II.2.a.8.1", ClauseRef("II", 2, "a", (8, 1))),
    ("5k", ClauseRef(None, 5, "k")),
    ("5K đã xong", ClauseRef(None, 5, "k")),
    ("nv 5k", ClauseRef(None, 5, "k")),
    ("hạn của việc 5k", ClauseRef(None, 5, "k")),
    ("2a1.4", ClauseRef(None, 2, "a", (1, 4))),
    ("2b11", ClauseRef(None, 2, "b", (11,))),
    ("III6", ClauseRef("III", 6)),
    ("I2.3", ClauseRef("I", 2, None, (3,))),
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_a_clause_is_read(text: str, expected: ClauseRef) -> None:
    (found,) = read_clauses(text)
    assert found == expected
    assert text[slice(*found.span)] == found.words


@pytest.mark.parametrize(
    "text",
    [
        "100k", "giá 5k", "5 kg", "mạng 4g", "I.", "a)", "quý II 2021", "quý III.", "mục tiêu 5",
        "điểm số 3", "điểm 5", "nhiệm vụ 3", "ý 2", "phần 30%", "một phần 3", "thành phần 2",
        "khoản 5 tỷ", "mục 6 tháng đầu năm", "mức độ 3, 4", "02/NQ-CP", "61/2018/NĐ-CP", "4.0",
        "nq02", "t12", "15-6-21", "1/3", "12/2021", "2h30", "1 lần/năm", "so73 y te61", "cấp 4",
    ],
)  # fmt: skip
def test_what_is_no_clause_is_left_alone(text: str) -> None:
    assert read_clauses(text) == ()


def test_a_list_of_tasks_is_read_in_full() -> None:
    refs = read_clauses("việc 5k, 5g và 6a")
    assert [(ref.number, ref.letter) for ref in refs] == [(5, "k"), (5, "g"), (6, "a")]


@pytest.mark.parametrize(
    ("named", "clause", "expected"),
    [
        ("II.5", "II.5.k", True),
        ("II.5", "II.50", False),
        ("II.5", "III.5", False),
        ("II.4.b", "II.4.b.2", True),
        ("II.4.b.2", "II.4.b", False),
        ("II.3.1", "II.3.1", True),
        ("II.3.1", "II.3.a.1", False),
        ("III.1", "III.1.2", True),
        ("5k", "II.5.k", True),
        ("2a1", "II.2.a.1.4", True),
        ("2a1", "II.2.a.10", False),
        ("III6", "III.6", True),
        ("điểm đ", "II.2.đ", True),
        ("điểm d khoản 2", "II.2.d", True),
        ("điểm d khoản 2", "II.2.đ", False),
        ("diem d khoan 2", "II.2.d", True),
        ("diem d khoan 2", "II.2.đ", True),
        ("gạch đầu dòng 2 điểm a khoản 4", "II.4.a.2", True),
        ("gạch đầu dòng 2 điểm a khoản 4", "II.4.a.3", False),
    ],
)
def test_a_name_fits_the_clauses_it_may_mean(named: str, clause: str, expected: bool) -> None:
    (ref,) = read_clauses(named)
    assert fits(ref, clause) is expected
