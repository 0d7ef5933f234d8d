"""Several questions in one message: "ai lo đào tạo nghề, và hạn nộp báo cáo quý là khi nào?"."""

import re
from collections.abc import Iterator

from data import files
from data.text.normalise import fold
from handlers.understanding.phrase_files import phrases, wordings

_SHORTEST = 2
_BREAK = re.compile(r"[,;:.!?…]+(?=\s|$)|[()\n]|\s[-–—→]\s")


class Parts:
    """Finds where a message may be divided; `words.yaml` has the words that join."""

    def __init__(self) -> None:
        joining = sorted(wordings(phrases(files.PHRASES / "words.yaml")["joining"]), key=len)
        words = "|".join(re.escape(fold(word)) for word in reversed(joining))
        self._joint = re.compile(rf"\s*[,;.?!]+\s+(?:(?:{words})\s+)?|\s+(?:{words})\s+")

    def divisions(self, text: str) -> Iterator[tuple[str, str]]:
        """Each way to divide the text in two, from its beginning on."""
        for joint in self._joint.finditer(fold(text)):
            left, right = text[: joint.start()], text[joint.end() :]
            if min(len(left.split()), len(right.split())) >= _SHORTEST:
                yield left, right

    @staticmethod
    def clauses(text: str) -> list[str]:
        """What stands between one punctuation mark and the next, a lone word left out."""
        said = (clause.strip() for clause in _BREAK.split(text))
        return [clause for clause in said if len(clause.split()) >= _SHORTEST]
