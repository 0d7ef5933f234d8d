"""What somebody wants of the list of people: to join, to leave, to link a channel, to invite.

The wordings stand in `membership.yaml`. A message is of this kind only if it begins with one,
and only if what follows may follow it; everything else is somebody else's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from data import files
from data.model import Role
from data.text.normalise import clean, compatible, fold
from handlers.understanding.lexicon import Lexicon, Meaning
from handlers.understanding.phrase_files import phrases, wordings

_WORD = re.compile(r"\w+")
_START = re.compile(r"/start(?:@\w+)?\s+(\S+)\s*")
_QUOTES = " \t\n:,;.!?-–—=\"'“”‘’«»()[]<>"
_CODE = re.compile(r"[A-Za-z0-9]{12}|[A-Za-z0-9]{4}(?:[ .–—-][A-Za-z0-9]{4}){2}|\d{3}[ .-]?\d{3}")
_BARE_CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", re.IGNORECASE)
_NEARLY_CODE = re.compile(r"(?=[A-Za-z0-9-]*[0-9-]|[A-Z]+$)[A-Za-z0-9][A-Za-z0-9-]{4,}[A-Za-z0-9]")
_LONGEST = 300
_LONGEST_NAME = 80
CHANNELS = ("telegram", "zalo", "web", "console")


class Want(StrEnum):
    """What is wanted; keys of `membership.yaml`."""

    JOIN = "join"
    LINK = "link"
    WHO = "who"
    LEAVE = "leave"
    HANDOVER = "handover"
    INVITE = "invite"
    CHOOSE = "choose"
    UNCHOOSE = "unchoose"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, and what was said with it: a code, a name, an agency, a channel.

    `sound` is False for what was meant as a code and cannot be one.
    """

    want: Want
    rest: str = ""
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom an invitation is for: the role if one was said, the name, and the other words."""

    role: Role | None
    name: str
    post: str


class Wishes:
    """Reads messages. Built once; holds no state of any conversation."""

    def __init__(self) -> None:
        self._lexicon = Lexicon()
        for key, block in phrases(files.PHRASES / "membership.yaml").items():
            for wording in wordings(block):
                self._lexicon.add(wording, Meaning("cue", key))

    def read(self, text: str) -> Wish | None:
        """The wish in a message; None where it is none."""
        if len(text) > _LONGEST:
            return None
        said = clean(text).strip()
        if start := _START.fullmatch(said):
            return _code(start[1], strict=False)
        if _BARE_CODE.fullmatch(said):
            return _code(said)
        for key, _, end in self._found(said, 0):
            wish = self._wish(key, self._trimmed(said[end:].strip(_QUOTES)))
            if wish is not None:
                return wish
        return None

    def guest(self, rest: str) -> Guest:
        """Whom the words after "mời" speak of."""
        name, post = "", rest
        for start, end in self._places("as", rest):
            if start and _is_name(rest[:start]):
                name, post = rest[:start].strip(_QUOTES), rest[end:]
                break
        roles = [role for role in Role if next(self._places(role.value, post), None)]
        return Guest(roles[-1] if roles else None, name, post.strip(_QUOTES))

    def channel(self, text: str) -> str | None:
        """The channel of that name."""
        size = len(_WORD.findall(text))
        return next(
            (key for key, words, _ in self._found(text, 0) if key in CHANNELS and words == size),
            None,
        )

    def _wish(self, key: str, rest: str) -> Wish | None:
        if key == Want.JOIN:
            return _code(rest)
        if key in (Want.LINK, Want.WHO, Want.UNCHOOSE):
            return None if rest else Wish(Want(key))
        if key == Want.CHOOSE:
            channel = self.channel(rest)
            return Wish(Want.CHOOSE, channel) if channel else None
        if key in (Want.HANDOVER, Want.NAME):
            return Wish(Want(key), rest) if _is_name(rest) else None
        if key == "invite_role":
            elsewhere = next(self._places("meeting", rest), None)
            return Wish(Want.INVITE, rest) if self.guest(rest).role and not elsewhere else None
        return Wish(Want(key), rest) if key in (Want.LEAVE, Want.INVITE) else None

    def _found(self, text: str, at: int) -> Iterator[tuple[str, int, int]]:
        """The wordings from word `at` on, longest first: key, number of words, end in text."""
        words = list(_WORD.finditer(text))
        typed = [w[0].lower() for w in words]
        if at >= len(typed):
            return
        for end, entries in self._lexicon.matches(typed, [fold(w) for w in typed], at):
            for entry in entries:
                if all(map(compatible, typed[at:end], entry.wording)):
                    yield entry.meaning.value, end - at, words[end - 1].end()

    def _trimmed(self, rest: str) -> str:
        """Without the polite words at the end."""
        words = list(_WORD.finditer(rest))
        for at, word in enumerate(words):
            for key, size, _ in self._found(rest, at):
                if key == "tail" and at + size == len(words):
                    return rest[: word.start()].strip(_QUOTES)
        return rest

    def _places(self, key: str, text: str) -> Iterator[tuple[int, int]]:
        """Where the wordings of a key stand in a text, the first place first."""
        for at, word in enumerate(_WORD.finditer(text)):
            for found, _, end in self._found(text, at):
                if found == key:
                    yield word.start(), end
                    break


def _code(typed: str, *, strict: bool = True) -> Wish | None:
    """A wish to join; None for words that were not meant as a code."""
    if _CODE.fullmatch(typed):
        return Wish(Want.JOIN, typed)
    if _NEARLY_CODE.fullmatch(typed) or not strict:
        return Wish(Want.JOIN, typed, sound=False)
    return None


def _is_name(text: str) -> bool:
    """Whether it may be a person's name: up to six words of letters."""
    words = text.split()
    letters = all(c.isalpha() or c in "'’.-" for word in words for c in word)
    return 0 < len(words) <= 6 and letters and len(text) <= _LONGEST_NAME
