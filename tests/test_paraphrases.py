"""What is said in other words is understood alike: shares over all the wordings in hand."""

import pytest

from tests.paraphrases import Compared, compared

SHARES = {"building": (0.94, 0.04), "measured": (0.9, 0.06)}
"""Least share answered like the plain question, and most share answered otherwise and surely."""


@pytest.mark.parametrize("half", SHARES)
def test_paraphrases_are_answered_like_the_plain_question(half: str) -> None:
    found = compared(half)
    least, most = SHARES[half]
    wrong = [c for c in found if not c.alike]
    sure_wrong = [c for c in found if c.sure_wrong]
    alike, sure = 1 - len(wrong) / len(found), len(sure_wrong) / len(found)
    said = f"{half}: {alike:.1%} of {len(found)} alike, {sure:.1%} surely otherwise\n"
    said += "\n".join(_named(c) for c in wrong)
    assert alike >= least, said
    assert sure <= most, said


def _named(one: Compared) -> str:
    return f"{one.kind} {one.paraphrase.meaning}: {one.paraphrase.text} [{one.paraphrase.plan}]"
