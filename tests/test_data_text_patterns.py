"""Patterns that find Vietnamese words typed with or without diacritics."""

import unicodedata

import pytest

from data.text.patterns import pattern, typed


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("tháng", "tháng", True),
        ("tháng", "thang", True),
        ("tháng", "thăng", False),
        ("tháng", "thàng", False),
        ("mai", "mại", False),
        ("quý", "quỹ", False),
        ("đến", "den", True),
        ("đến", "đên", True),
        ("đến", "đèn", False),
        ("ngày kia", "ngày  kia", True),
        ("ngày kia", "ngàykia", False),
        (r"quý·\d", "quý3", True),
        (r"quý·\d", "quy 3", True),
    ],
)
def test_diacritics_that_are_typed_count(source: str, text: str, found: bool) -> None:
    assert bool(pattern(source).match(typed(text))) is found


def test_positions_are_those_of_the_text_in_nfc() -> None:
    text = unicodedata.normalize("NFD", "Họp THÁNG 6 ở İzmir")
    plain = typed(text)
    match = pattern(r"tháng \d").search(plain)
    assert match
    assert unicodedata.normalize("NFC", text)[match.start() : match.end()] == "THÁNG 6"
    assert len(plain) == len(unicodedata.normalize("NFC", text))
