"""Error → the sentence that the person sees. Every sentence says that nothing was changed."""

from data.errors import Fault, StoreBrokenError, StoreBusyError, StoreError, StoreFullError
from handlers.messages import Bubble, Line, Reply, ReplyKind
from handlers.wording import say

_KEYS: tuple[tuple[type[BaseException], str], ...] = (
    (StoreBusyError, "failure.busy"),
    (StoreFullError, "failure.full"),
    (StoreBrokenError, "failure.broken"),
    (StoreError, "failure.store"),
)


def sentence(error: BaseException) -> str:
    """What the person is told; for an error unknown here that it was unexpected."""
    key = next((key for kind, key in _KEYS if isinstance(error, kind)), "failure.unknown")
    return say(key)


def failure(error: BaseException) -> Reply:
    """The sentence as a reply."""
    return Reply(ReplyKind.REFUSAL, (Bubble((Line(sentence(error)),)),))


def fault_sentence(fault: Fault) -> str:
    """A fault of a data file: file, line and the reason in the reader's words."""
    reason = say(f"fault.{fault.code}", **fault.places) if fault.code else fault.reason
    return say("fault.line", path=fault.path, line=fault.line, reason=reason)
