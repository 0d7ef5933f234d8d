"""Figures as plans state them and officials type them."""

import pytest

from data.model import Comparator, Target
from data.text.figures import met, read_figures

FIGURES = [
    ("100%", None, 100, "%"),
    ("50 phần trăm", None, 50, "%"),
    ("100 phan tram", None, 100, "%"),
    ("ước tính 98,9%", None, 98.9, "%"),
    ("98.5%", None, 98.5, "%"),
    ("1.234,5 giờ", None, 1234.5, "giờ"),
    ("58 ngày", None, 58, "ngày"),
    ("rút ngắn thời gian cấp phép còn dưới 63 ngày làm việc;", "<", 63, "ngày làm việc"),
    ("Phấn đấu giảm thời gian nộp xuống dưới 49 giờ.", "<", 49, "giờ"),
    ("tổng thời gian không quá 10 ngày", "<=", 10, "ngày"),
    ("khong qua 10 ngay", "<=", 10, "ngày"),
    ("kiểm tra không quá 1lần/năm đối với doanh nghiệp", "<=", 1, "lần/năm"),
    ("không quá một lần/năm", "<=", 1, "lần/năm"),
    ("1 lần/năm", None, 1, "lần/năm"),
    ("một lần", None, 1, "lần"),
    ("đạt ít nhất 30% đến hết năm 2021", ">=", 30, "%"),
    ("it nhat 30%", ">=", 30, "%"),
    ("tối thiểu 30% dịch vụ công trực tuyến ở cấp độ 4", ">=", 30, "%"),
    ("phấn đấu 100% bệnh viện", ">=", 100, "%"),
    ("phấn đấu tăng 10% số hồ", ">=", 10, "%"),
    ("mục tiêu đạt 50% số người", ">=", 50, "%"),
    ("kiểm tra trực tiếp trên 30% đơn vị", ">", 30, "%"),
    ("gần 70%", "<", 70, "%"),
]


@pytest.mark.parametrize(("text", "comparator", "value", "unit"), FIGURES)
def test_a_figure_is_read(text: str, comparator: str | None, value: float, unit: str) -> None:
    (figure,) = read_figures(text)
    assert (figure.comparator, figure.value, figure.unit) == (comparator, value, unit)
    assert text[slice(*figure.span)] == figure.words


@pytest.mark.parametrize(
    "text",
    [
        "6 tháng đầu năm", "7 ngày nữa", "trong 30 ngày tới", "quý 3", "mức độ 3, 4", "cấp độ 4",
        "tháng 12", "ngày 10 tháng 12", "10.078/10.160 đơn vị", "năm 2021", "5k", "II.5.k",
        "02/NQ-CP", "3 ngày trước hạn", "mục 5 điểm m",
    ],
)  # fmt: skip
def test_other_numbers_are_left_alone(text: str) -> None:
    assert read_figures(text) == ()


def test_several_figures_keep_their_order() -> None:
    figures = read_figures("rút từ 58 ngày xuống còn 49 ngày")
    assert [(figure.value, figure.comparator) for figure in figures] == [
        (58, Comparator.AT_LEAST),
        (49, None),
    ]


@pytest.mark.parametrize(
    ("comparator", "below", "equal", "above"),
    [
        (Comparator.AT_LEAST, False, True, True),
        (Comparator.MORE, False, False, True),
        (Comparator.AT_MOST, True, True, False),
        (Comparator.LESS, True, False, False),
        (Comparator.EQUAL, False, True, False),
    ],
)
def test_a_reported_figure_is_held_against_the_target(
    comparator: Comparator, below: bool, equal: bool, above: bool
) -> None:
    target = Target(comparator, 30, "%", "dịch vụ công trực tuyến", "30%")
    assert (met(target, 29.9), met(target, 30), met(target, 30.1)) == (below, equal, above)
