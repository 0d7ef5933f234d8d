"""Spans of time as officials type them; today is Wednesday, 3 March 2021."""

import unicodedata
from datetime import date

import pytest

from data.text.dates import occurrences, read_deadline, read_faulty, read_periods

TODAY = date(2021, 3, 3)


def spans(text: str, today: date = TODAY, year: int | None = 2021) -> list[str]:
    """What was read, each as "start..end", an open end left empty."""
    return [
        f"{period.start or ''}..{period.end or ''}" for period in read_periods(text, today, year)
    ]


BOUNDED = [
    ("trước ngày 10/12", "..2021-12-09"),
    ("truoc ngay 10 thang 12 nam 2021", "..2021-12-09"),
    ("TRƯỚC NGÀY 10/12/2021", "..2021-12-09"),
    ("trước mùng 10/3", "..2021-03-09"),
    ("trước tháng 12/2019", "..2019-11-30"),
    ("trước t12", "..2021-11-30"),
    ("trước quý 4", "..2021-09-30"),
    ("trước năm 2022", "..2021-12-31"),
    ("trước 30/6", "..2021-06-29"),
    ("trước 10.12", "..2021-12-09"),
    ("đến trước ngày 15/6", "..2021-06-14"),
    ("trước cuối tháng 6", "..2021-06-30"),
    ("trước 17h ngày 10/12", "..2021-12-10"),
    ("trước 10h sáng ngày 15/6", "..2021-06-15"),
    ("đến 31/12", "..2021-12-31"),
    ("đến hết 31/12/2021", "..2021-12-31"),
    ("hết năm 2021", "..2021-12-31"),
    ("đến hết năm", "..2021-12-31"),
    ("hết quý 3", "..2021-09-30"),
    ("đến 2025", "..2025-12-31"),
    ("chậm nhất là 15/6", "..2021-06-15"),
    ("muộn nhất vào cuối quý 2", "..2021-06-30"),
    ("từ 15/6 trở về trước", "..2021-06-15"),
    ("sau ngày 15/6", "2021-06-16.."),
    ("sau quý 2", "2021-07-01.."),
    ("sau 30/6 trở đi", "2021-07-01.."),
    ("từ 1/7 trở đi", "2021-07-01.."),
    ("kể từ tháng 7", "2021-07-01.."),
    ("trước Tết", "..2021-02-09"),
    ("sau tet", "2021-02-17.."),
    ("ra Tết", "2021-02-17.."),
    ("trước tết 2022", "..2022-01-30"),
    ("trước tết dương lịch", "..2020-12-31"),
    ("đến giao thừa dương lịch", "..2021-12-31"),
]
WHOLE = [
    ("hoàn thành trong quý I/2019. Trong đó", "2019-01-01..2019-03-31"),
    ("quý 3", "2021-07-01..2021-09-30"),
    ("quý III", "2021-07-01..2021-09-30"),
    ("quy 3", "2021-07-01..2021-09-30"),
    ("q3", "2021-07-01..2021-09-30"),
    ("Q.II", "2021-04-01..2021-06-30"),
    ("quý tư", "2021-10-01..2021-12-31"),
    ("quý cuối năm", "2021-10-01..2021-12-31"),
    ("quý 3 năm sau", "2022-07-01..2022-09-30"),
    ("quý này", "2021-01-01..2021-03-31"),
    ("quý sau phải nộp gì", "2021-04-01..2021-06-30"),
    ("quý trước", "2020-10-01..2020-12-31"),
    ("cuối quý", "2021-03-01..2021-03-31"),
    ("cuối quý III", "2021-09-01..2021-09-30"),
    ("tháng cuối quý III", "2021-09-01..2021-09-30"),
    ("trong năm 2021", "2021-01-01..2021-12-31"),
    ("năm nay", "2021-01-01..2021-12-31"),
    ("năm ngoái", "2020-01-01..2020-12-31"),
    ("trong 2021", "2021-01-01..2021-12-31"),
    ("đầu năm", "2021-01-01..2021-03-31"),
    ("cuối năm", "2021-10-01..2021-12-31"),
    ("6 tháng đầu năm", "2021-01-01..2021-06-30"),
    ("6 thang cuoi nam", "2021-07-01..2021-12-31"),
    ("sáu tháng đầu năm 2022", "2022-01-01..2022-06-30"),
    ("9 tháng đầu năm", "2021-01-01..2021-09-30"),
    ("nửa đầu năm", "2021-01-01..2021-06-30"),
    ("đầu tháng 6", "2021-06-01..2021-06-10"),
    ("giữa tháng", "2021-03-11..2021-03-20"),
    ("cuối tháng 6", "2021-06-21..2021-06-30"),
    ("ngày cuối tháng 6", "2021-06-30..2021-06-30"),
    ("tuần đầu tháng 6", "2021-06-01..2021-06-07"),
    ("tháng 12", "2021-12-01..2021-12-31"),
    ("t12", "2021-12-01..2021-12-31"),
    ("th 12", "2021-12-01..2021-12-31"),
    ("12/2021", "2021-12-01..2021-12-31"),
    ("tháng 12-2021", "2021-12-01..2021-12-31"),
    ("tháng 12 2022", "2022-12-01..2022-12-31"),
    ("tháng chạp", "2021-12-01..2021-12-31"),
    ("tháng này", "2021-03-01..2021-03-31"),
    ("tháng tới", "2021-04-01..2021-04-30"),
    ("sang tháng", "2021-04-01..2021-04-30"),
    ("trong tháng", "2021-03-01..2021-03-31"),
    ("tuần này", "2021-03-01..2021-03-07"),
    ("tuan toi", "2021-03-08..2021-03-14"),
    ("nửa sau tuần này", "2021-03-04..2021-03-07"),
    ("quý 3 vài việc", "2021-07-01..2021-09-30"),
    ("cuối tuần này", "2021-03-05..2021-03-07"),
    ("quý 1,2", "2021-01-01..2021-06-30"),
    ("tháng 3 và 4", "2021-03-01..2021-04-30"),
    ("tết năm sau", "2022-01-31..2022-02-04"),
]
DAYS = [
    ("thứ sáu tuần sau", "2021-03-12"),
    ("thu sau tuan sau", "2021-03-12"),
    ("t6 tuần này", "2021-03-05"),
    ("thứ 2", "2021-03-08"),
    ("thứ bảy", "2021-03-06"),
    ("chủ nhật", "2021-03-07"),
    ("thứ sáu ngày 10/12", "2021-12-10"),
    ("hôm nay", "2021-03-03"),
    ("hom nay", "2021-03-03"),
    ("mai", "2021-03-04"),
    ("ngày mai nộp gì", "2021-03-04"),
    ("Mai Lạng Sơn có mưa không?", "2021-03-04"),
    ("ngày kia", "2021-03-05"),
    ("hôm qua", "2021-03-02"),
    ("7 ngày nữa", "2021-03-10"),
    ("7ngày nữa", "2021-03-10"),
    ("5 ngày làm việc nữa", "2021-03-10"),
    ("2 tuần nữa", "2021-03-17"),
    ("tháng nữa", "2021-04-03"),
    ("nửa tháng nữa", "2021-03-18"),
    ("15-6-21", "2021-06-15"),
    ("10.12.2021", "2021-12-10"),
    ("10/12/21", "2021-12-10"),
    ("2021-12-10", "2021-12-10"),
    ("ngày 10 tháng 12", "2021-12-10"),
    ("ngày 10, tháng 12, năm 2021", "2021-12-10"),
    ("ngày 5 tháng sau", "2021-04-05"),
    ("10/12 việc gì đến hạn", "2021-12-10"),
    ("hạn chót 15/12", "2021-12-15"),
]
FROM_TO = [
    ("từ 1/3 đến 15/4", "2021-03-01..2021-04-15"),
    ("1/3-15/4", "2021-03-01..2021-04-15"),
    ("từ 1 đến 15/4", "2021-04-01..2021-04-15"),
    ("từ ngày 1 đến ngày 15 tháng 4", "2021-04-01..2021-04-15"),
    ("từ tháng 3 đến tháng 6", "2021-03-01..2021-06-30"),
    ("từ tháng 3 đến tháng 6/2022", "2022-03-01..2022-06-30"),
    ("từ tháng 11 đến tháng 2", "2021-11-01..2022-02-28"),
    ("tháng 3-6", "2021-03-01..2021-06-30"),
    ("quý 1 đến quý 3", "2021-01-01..2021-09-30"),
    ("q1-q3", "2021-01-01..2021-09-30"),
    ("từ nay đến cuối năm", "2021-03-03..2021-12-31"),
    ("từ nay đến trước Tết", "2021-03-03..2022-01-30"),
    ("từ đầu năm đến nay", "2021-01-01..2021-03-03"),
    ("từ đầu năm tới hôm nay", "2021-01-01..2021-03-03"),
    ("trong 7 ngày tới", "2021-03-03..2021-03-10"),
    ("Trong 30 ngày tới có việc gì đến hạn?", "2021-03-03..2021-04-02"),
    ("trong vòng 1 tháng", "2021-03-03..2021-04-03"),
    ("trong 2 quý tới", "2021-03-03..2021-09-03"),
    ("7 ngày qua", "2021-02-24..2021-03-03"),
]


@pytest.mark.parametrize(("text", "expected"), BOUNDED + WHOLE + FROM_TO)
def test_a_span_is_read(text: str, expected: str) -> None:
    assert spans(text) == [expected]


@pytest.mark.parametrize(("text", "day"), DAYS)
def test_a_day_is_read(text: str, day: str) -> None:
    assert spans(text) == [f"{day}..{day}"]


@pytest.mark.parametrize(("text", "_"), BOUNDED + WHOLE + FROM_TO)
def test_composition_of_letters_does_not_matter(text: str, _: str) -> None:
    assert spans(unicodedata.normalize("NFD", text)) == spans(text)


NO_DATES = [
    "30%", "63 ngày làm việc", "không quá 10 ngày", "cấp độ 4", "mức độ 3, 4", "mức độ 3/4",
    "02/NQ-CP", "20/CT-TTg", "61/2018/NĐ-CP", "nghị quyết 02/2021", "WEF 4.0", "II.5.k", "nv 5k",
    "Chỉ thị số 20/CT-TTg ngày 17/5/2017", "Nghị quyết số 19-2018/NQ-CP ngày 15/5/2018",
    "Quyết định số 2545/QĐ-TTg ngày 30 tháng 12 năm 2016 của Thủ tướng Chính phủ",
    "công bố hằng năm các Chỉ số", "hàng quý", "không quá 1lần/năm", "báo cáo quý", "báo cáo năm",
    "thương mại", "thuong mai", "mại", "chị Mai", "mai táng phí", "quỹ 3", "thăng 6", "quý vị",
    "việc thứ 2", "gạch đầu dòng thứ 2", "điểm thứ ba", "thứ hạng", "quá hạn", "sắp đến hạn",
    "sắp tới", "việc đã hết hạn", "còn mấy ngày nữa", "còn bao nhiêu ngày đến hạn", "sau 7 ngày",
    "nhắc trước 3 ngày", "3 ngày trước hạn", "10.078/10.160 đơn vị", "hỗ trợ 24/7", "1/3 số việc",
    "hoàn thành 7/12 nhiệm vụ", "lần 2/2021", "giai đoạn 2016 - 2020", "kết quả đến nay",
    "hiện nay", "giờ hành chính", "tết trung thu", "việt nam 2021", "6 tháng", "tháng một lần",
    "từ 3.5 lên 4.5 điểm", "Kế hoạch 2021", "đào tạo nghề", "Sở Y tế phụ trách gì?",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert read_periods(text, TODAY, 2021) == ()
    assert read_faulty(text) == ()


def test_next_month_and_june_are_told_apart_by_the_diacritic() -> None:
    assert spans("tháng sau") == ["2021-04-01..2021-04-30"]
    assert spans("tháng sáu") == ["2021-06-01..2021-06-30"]


def test_investment_is_not_the_word_from() -> None:
    assert spans("đầu tư năm 2021") == spans("dau tu nam 2021") == ["2021-01-01..2021-12-31"]


def test_a_year_that_is_not_said_is_the_one_given_else_this_year() -> None:
    assert spans("quý 2", date(2026, 11, 22), 2019) == ["2019-04-01..2019-06-30"]
    assert spans("quý 2", date(2026, 11, 22), None) == ["2026-04-01..2026-06-30"]
    assert spans("năm nay", date(2026, 11, 22), 2019) == ["2026-01-01..2026-12-31"]
    assert spans("trước Tết", date(2026, 11, 22), None) == ["..2027-02-03"]


def test_several_periods_keep_their_order_and_places() -> None:
    text = "việc quý 1 và quý 3, trước ngày 10/12"
    periods = read_periods(text, TODAY, 2021)
    assert [period.words for period in periods] == ["quý 1", "quý 3", "trước ngày 10/12"]
    assert all(text[slice(*period.span)] == period.words for period in periods)
    assert spans("quý 1, 3") == ["2021-01-01..2021-03-31", "2021-07-01..2021-09-30"]


def test_a_date_beside_a_citation_or_a_clause_is_read() -> None:
    assert spans("Nghị quyết 02 trước 10/12") == ["..2021-12-09"]
    assert spans("II.5.k trước 10/12") == ["..2021-12-09"]
    assert spans("đạt ít nhất 30% đến hết năm 2021") == ["..2021-12-31"]


def test_a_bare_day_is_one_of_each_month() -> None:
    (period,) = read_periods("trước ngày 10", TODAY, 2021)
    assert (period.end, period.every, period.kind) == (date(2021, 3, 9), "month", "before")
    days = occurrences(period, (date(2021, 1, 1), date(2021, 3, 31)))
    assert days == (date(2021, 1, 9), date(2021, 2, 9), date(2021, 3, 9))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("trước 31/2 có gì", "31/2"), ("ngày 35/13", "ngày 35/13"), ("ngày 31/4", "ngày 31/4"),
        ("tháng 13", "tháng 13"), ("quý 5", "quý 5"), ("ngày 32", "ngày 32"),
    ],
)  # fmt: skip
def test_an_impossible_date_is_named_and_not_read(text: str, words: str) -> None:
    assert read_faulty(text) == (words,)
    assert read_periods(text, TODAY, 2021) == ()


def test_the_leap_day_depends_on_the_year() -> None:
    assert read_faulty("29/2", 2021) == ("29/2",)
    assert read_faulty("29/2", 2024) == read_faulty("29/2") == ()
    assert spans("29/2/2024") == ["2024-02-29..2024-02-29"]


QUARTERLY = ("03-09", "06-09", "09-09", "12-09")


@pytest.mark.parametrize(
    ("words", "year", "due", "every"),
    [
        ("trước ngày 10 tháng 12 năm 2021", 2021, ("12-09",), None),
        ("trước tháng 12/2019", 2019, ("11-30",), None),
        ("trong quý I/2019", 2019, ("03-31",), None),
        ("đến hết năm 2021", 2021, ("12-31",), None),
        ("Đến hết năm 2021", 2021, ("12-31",), None),
        ("hằng năm trước ngày 10 tháng 12", 2021, ("12-09",), "year"),
        ("trước ngày 10 của tháng cuối quý", 2019, QUARTERLY, "quarter"),
        (
            "trước ngày 10 của tháng cuối quý và trước ngày 10 tháng 12",
            2019, QUARTERLY, "quarter",
        ),
        (
            "Định kỳ hằng quý, hằng năm (trước ngày 10 của tháng cuối quý và trước ngày 10 "
            "tháng 12)",
            2021, QUARTERLY, "quarter",
        ),
        ("sớm nhất có thể", 2021, (), None),
    ],
)  # fmt: skip
def test_the_wordings_of_plans_give_every_last_day_in_time(
    words: str, year: int, due: tuple[str, ...], every: str | None
) -> None:
    deadline = read_deadline(words, (date(year, 1, 1), date(year, 12, 31)))
    assert deadline.words == words
    assert [str(day) for day in deadline.due] == [f"{year}-{day}" for day in due]
    assert deadline.every == every
