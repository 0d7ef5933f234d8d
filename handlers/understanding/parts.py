"""Several questions in one message: "ai lo đào tạo nghề, và hạn nộp báo cáo quý là khi nào?"."""

import re
from collections.abc import Iterator

from data import files
from data.text.normalise import fold
from handlers.understanding.lexicon import phrases, wordings

_SHORTEST = 2


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
