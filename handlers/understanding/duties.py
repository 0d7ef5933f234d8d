"""Which of an agency's duties are meant: its own, those that all have, what it leads."""

import re
from collections.abc import Set
from dataclasses import replace

from data.loading.directory import Directory
from handlers.understanding.found import Found, Piece
from handlers.understanding.grammar import Use, plays
from handlers.understanding.question import Role

_SPOKEN_OF = frozenset({"common_duties", "own_duties", "partner", "presides"})
_KINDS = frozenset({"common_duties", "own_duties"})
_EVERYBODY = frozenset({"cac-so-ban-nganh", "cac-don-vi-lien-quan", "cac-co-quan-don-vi"})
_REACH = 5
_CLAUSE_END = re.compile(r"[,;.?!]")


def settle_duties(found: Found, directory: Directory) -> None:
    """Sets the cues that say which duties are meant, and which are not: "phần chung thì bỏ"."""
    said, left_out = _spoken_of(found)
    doers = [m for m in found.agencies if not any(directory.agencies[k].is_group for k in m.keys)]
    if "among_all" in found.cues and len(doers) == 1 and len(found.agencies) > 1:
        said.add("common_duties")
    spoken = _KINDS & (said | left_out) and (doers or left_out)
    if spoken or (doers and {"who", "partner"} <= found.cues):
        _drop_everybody(found)
    if "common_duties" in said | left_out and len(doers) == 1:
        found.cues.discard("shared")
    _settle_common(found, said if not said >= _KINDS else said - _KINDS, left_out, len(doers))
    _settle_roles(found, left_out)


def _settle_common(found: Found, said: Set[str], left_out: Set[str], doers: int) -> None:
    """Whether common duties are asked for alone, left out, or are those that several share."""
    if "common_duties" in left_out or "own_duties" in said:
        found.cues.add("no_common")
    elif "common_duties" in said and doers > 1:
        found.cues.add("shared")
    elif "own_duties" in left_out or "common_duties" in said:
        found.cues.add("only_common")


def _settle_roles(found: Found, left_out: Set[str]) -> None:
    """Leading and co-operating, where one of them is left out."""
    if "partner" in left_out:
        found.cues.add("strict_lead")
        found.cues.discard("partner")
    if "presides" in left_out and not found.excluded:
        found.cues -= {"presides", "lead"}
        found.cues.add("coordinating_role")


def _spoken_of(found: Found) -> tuple[set[str], set[str]]:
    """The duties spoken of: those that are asked for, and those that are left out."""
    said, left_out = set[str](), set[str]()
    for piece in found.pieces:
        about = _SPOKEN_OF.intersection(piece.values) if piece.sort == "cue" else set()
        out = piece.start in found.except_words
        if piece.sort == "cue" and (
            "no_common" in piece.values or (out and "only_common" in piece.values)
        ):
            left_out.add("common_duties")
        elif about:
            set_aside = out or _dismissed(found, piece) or _refused(found, piece)
            (left_out if set_aside else said).update(about)
    return said, left_out


def _dismissed(found: Found, piece: Piece) -> bool:
    """Whether the words right after set it aside: "việc riêng thì thôi"."""
    for after in sorted(found.pieces, key=lambda p: p.start):
        values = set(after.values) if after.sort == "cue" else set[str]()
        if after.start < piece.end or not values & (_SPOKEN_OF | {"dismissed"}):
            continue
        return "dismissed" in values and not _CLAUSE_END.search(
            found.between(piece.end, after.start)
        )
    return False


def _refused(found: Found, piece: Piece) -> bool:
    """Whether a word of refusal stands shortly before common duties: "đừng cộng việc chung"."""
    if "common_duties" not in piece.values:
        return False
    for at in range(piece.start - 1, max(-1, piece.start - _REACH), -1):
        if _CLAUSE_END.search(found.between(at + 1, at + 1)):
            return False
        word = found.words[at]
        if plays(word.folded, Use.REFUSES) and not plays(word.text, Use.NO_REFUSAL):
            return True
    return False


def _drop_everybody(found: Found) -> None:
    """The groups that only say whose the common duties are: "việc chung của các sở"."""
    groups = [m for m in found.agencies + found.excluded if _EVERYBODY.issuperset(m.keys)]
    starts = {m.start for m in groups}
    found.agencies = [m for m in found.agencies if m.start not in starts]
    found.excluded = [m for m in found.excluded if m.start not in starts]
    found.pieces = [replace(p, sort="noise") if p.start in starts else p for p in found.pieces]


def role(cues: Set[str]) -> Role | None:
    """In which part the agencies are asked about."""
    if "coordinating_role" in cues or ("partner" in cues and "lead" not in cues):
        return Role.COORDINATING
    presides = "presides" in cues and not {"partner", "with_common", "only_common"} & cues
    return Role.LEAD if presides or "strict_lead" in cues else None


def common(cues: Set[str]) -> bool | None:
    """False where group duties are left out, True where only they are asked for."""
    if "no_common" in cues:
        return False
    return True if "only_common" in cues and "with_common" not in cues else None
