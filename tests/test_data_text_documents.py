"""Citations, in full and as they are typed in a chat."""

from datetime import date

import pytest

from data.text.documents import Citation, read_documents, same

CITED = [
    ("Nghị quyết số 02/NQ-CP ngày 01/01/2021", "nghi-quyet", "02", 2021, "NQ-CP"),
    ("Nghị quyết số 19-2018/NQ-CP ngày 15/5/2018", "nghi-quyet", "19", 2018, "NQ-CP"),
    ("Nghị quyết 139/NQ-CP ngày 09/11/2018", "nghi-quyet", "139", 2018, "NQ-CP"),
    ("nq 02", "nghi-quyet", "02", None, None),
    ("nq02", "nghi-quyet", "02", None, None),
    ("nghi quyet 02", "nghi-quyet", "02", None, None),
    ("NQ 19-2018", "nghi-quyet", "19", 2018, None),
    ("02 nq-cp", "nghi-quyet", "02", None, "nq-cp"),
    ("60-NQ/TW", "nghi-quyet", "60", None, "NQ/TW"),
    ("nghị quyết 02 năm 2021", "nghi-quyet", "02", 2021, None),
    ("chỉ thị 20 của thủ tướng", "chi-thi", "20", None, "TTg"),
    ("ct20/ttg", "chi-thi", "20", None, "ttg"),
    ("20/CT-TTg", "chi-thi", "20", None, "CT-TTg"),
    ("nđ 61", "nghi-dinh", "61", None, None),
    ("nd61/2018", "nghi-dinh", "61", 2018, None),
    ("61/2018/NĐ-CP", "nghi-dinh", "61", 2018, "NĐ-CP"),
    ("qd 844", "quyet-dinh", "844", None, None),
    ("quyết định số 844/QĐ-TTg", "quyet-dinh", "844", None, "QĐ-TTg"),
    ("qđ số: 844", "quyet-dinh", "844", None, None),
    ("kh 135", "ke-hoach", "135", None, None),
    ("Kế hoạch số 135/KH-UBND ngày 10/8/2020", "ke-hoach", "135", 2020, "KH-UBND"),
    ("Thông tư 02/2023/TT-BTTTT", "thong-tu", "02", 2023, "TT-BTTTT"),
    ("84/2025/QH15", "luat", "84", 2025, "QH15"),
    ("2545", None, "2545", None, None),
]


@pytest.mark.parametrize(("text", "kind", "number", "year", "issuer"), CITED)
def test_a_citation_is_read(
    text: str, kind: str | None, number: str, year: int | None, issuer: str | None
) -> None:
    (citation,) = read_documents(text)
    assert (citation.type, citation.number, citation.year, citation.issuer) == (
        kind, number, year, issuer,
    )  # fmt: skip
    assert citation.words == text


def test_the_day_of_issue_belongs_to_the_citation() -> None:
    text = (
        "theo Quyết định số 2545/QĐ-TTg ngày 30 tháng 12 năm 2016 của Thủ tướng Chính phủ trên "
        "địa bàn"
    )
    (citation,) = read_documents(text)
    assert citation.issued == date(2016, 12, 30)
    assert text[slice(*citation.span)] == citation.words
    assert citation.words.endswith("của Thủ tướng Chính phủ")


def test_laws_are_cited_by_name() -> None:
    text = "Luật Tiêu chuẩn, quy chuẩn kỹ thuật và Luật Chất lượng, sản phẩm hàng hóa; theo dõi"
    assert [(c.type, c.name) for c in read_documents(text)] == [
        ("luat", "Tiêu chuẩn, quy chuẩn kỹ thuật"),
        ("luat", "Chất lượng, sản phẩm hàng hóa"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "kế hoạch 2021 của Lạng Sơn", "kế hoạch 6 tháng đầu năm", "báo cáo 6 tháng", "tt 3",
        "pháp luật, kỷ luật hành chính", "100% và 63 ngày", "năm 2021", "10.078/10.160 đơn vị",
        "trước 10/12", "quý 1/2019", "II.5.k", "nv 5k", "Kế hoạch này", "135 doanh nghiệp",
        "quyết định 3 nhiệm vụ",
    ],
)  # fmt: skip
def test_what_is_no_citation_is_left_alone(text: str) -> None:
    assert read_documents(text) == ()


def test_a_bare_number_is_not_certain() -> None:
    assert [citation.certain for citation in read_documents("quyết định 844, 2545")] == [
        True, False,
    ]  # fmt: skip


def only(text: str) -> Citation:
    (citation,) = read_documents(text)
    return citation


@pytest.mark.parametrize(
    ("typed", "cited", "expected"),
    [
        ("nq 02", "Nghị quyết số 02/NQ-CP ngày 01/01/2021", True),
        ("nq 2", "Nghị quyết số 02/NQ-CP ngày 01/01/2021", True),
        ("nq 02/2019", "Nghị quyết số 02/NQ-CP ngày 01/01/2021", False),
        ("nq 02/2021", "Nghị quyết 02/NQ-CP", True),
        ("nd 02", "Nghị quyết số 02/NQ-CP ngày 01/01/2021", False),
        ("nđ 61", "Nghị định số 61/2018/NĐ-CP ngày 23/4/2018", True),
        ("nd61/2018", "Nghị định số 61/2018/NĐ-CP ngày 23/4/2018", True),
        ("chỉ thị 20 của thủ tướng", "Chỉ thị số 20/CT-TTg ngày 17/5/2017", True),
        ("ct20/ttg", "Chỉ thị số 20/CT-TTg ngày 17/5/2017", True),
        ("chỉ thị 20 của ubnd tỉnh", "Chỉ thị số 20/CT-TTg ngày 17/5/2017", False),
        ("chỉ thị 1", "chỉ thị số 01/CT-UBND ngày 08/01/2021", True),
        ("chỉ thị 1", "Chỉ thị số 08/CT-TTg ngày 13/3/2018", False),
        ("chỉ thị của thủ tướng", "Chỉ thị số 08/CT-TTg ngày 13/3/2018", True),
        ("chỉ thị của thủ tướng", "chỉ thị số 01/CT-UBND ngày 08/01/2021", False),
        ("2545", "Quyết định số 2545/QĐ-TTg ngày 30 tháng 12 năm 2016", True),
        ("qd 844", "Quyết định số 844/QĐ-TTg", True),
        ("qd 84", "Quyết định số 844/QĐ-TTg", False),
        ("luật chất lượng sản phẩm hàng hoá", "Luật Chất lượng, sản phẩm hàng hóa", True),
        ("luật tiêu chuẩn kỹ thuật", "Luật Chất lượng, sản phẩm hàng hóa", False),
    ],
)
def test_a_clumsy_citation_fits_the_document_meant(typed: str, cited: str, expected: bool) -> None:
    assert same(only(typed), cited) is expected
