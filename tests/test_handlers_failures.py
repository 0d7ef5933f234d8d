import pytest

from data.errors import StoreBrokenError, StoreBusyError, StoreError, StoreFullError
from handlers.failures import failure, sentence
from handlers.messages import ReplyKind

ERRORS = [
    StoreBusyError("x"),
    StoreFullError("x"),
    StoreBrokenError("x"),
    StoreError("x"),
    KeyError("x"),
]


@pytest.mark.parametrize("error", ERRORS)
def test_person_is_told_that_nothing_was_changed(error: Exception) -> None:
    reply = failure(error)
    assert reply.kind is ReplyKind.REFUSAL
    assert "Chưa có nội dung nào bị thay đổi" in reply.text
    assert "vui lòng" in reply.text


def test_each_fault_has_its_own_sentence() -> None:
    assert len({sentence(error) for error in ERRORS}) == len(ERRORS)
