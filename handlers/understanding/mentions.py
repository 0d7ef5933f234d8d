"""The agencies that a question names: ordinary words, names in doubt, names with a slip."""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from itertools import pairwise

from data.loading.directory import Directory
from data.search import TopicIndex
from data.text.normalise import fold
from data.text.syllables import is_syllable
from handlers.understanding.found import Found, Piece
from handlers.understanding.grammar import Use, plays
from handlers.understanding.names import Names
from handlers.understanding.question import Mention
from handlers.understanding.slips import slips

_LONGEST_NAME = 8
_LONGEST_ASKED = 3
_CUT = 2
_DEPARTMENTS = "cac-so-ban-nganh"
_MOST_OFFERED = 6
_AUTHORITY = "ubnd-tinh"
_INSPECTORATE = "thanh-tra-tinh"
_LEADS = frozenset({"lead", "presides"})
_LISTS = re.compile(r"[,&/]|\w+")
_SIGNS = ",&/"
_ASKS = frozenset({"what", "when", "how_much", "due"})
_SPEAKS_OF = frozenset({"mention", "indicator", "how_much", "when"})
_ASKS_OF = frozenset({"what", "task", "lead", "also", "how_many", "partner", "mine", "instead"})


def settle_weak(found: Found) -> None:
    """An ordinary word names an agency only in an agency's place, or beside another."""
    strong = [m for m in found.agencies if not m.weak]
    first = _first_content(found)
    asked_who = "who" in found.cues and not {"partner", "send"} & found.cues
    each = "each" in found.cues
    own = bool({"my_agency", "mine"} & found.cues) and len(found.agencies) == 1
    sure = _in_list(found, strong)
    kept: list[Mention] = []
    for at, mention in enumerate(found.agencies):
        beside = [m for m in found.agencies[max(0, at - 1) : at + 2] if m is not mention]
        alone = not strong and mention.start == first and not asked_who
        if (
            mention in sure
            or (alone and (_agency_place(found, mention) or own))
            or (each and any(_listed(found, mention, m) for m in beside))
        ):
            kept.append(mention)
    found.agencies = kept


def _in_list(found: Found, strong: Sequence[Mention]) -> list[Mention]:
    """The names that are no ordinary words, and those in one list with them: "thuế, hải quan,
    NHNN"."""
    sure = list(strong)
    for either_way in (found.agencies, found.agencies[::-1]):
        for one, other in pairwise(either_way):
            if one in sure and other not in sure and _listed(found, one, other):
                sure.append(other)
    return sure


def _first_content(found: Found) -> int:
    """The first word that is more than a cue, noise or a province; -1 if there is none."""
    skipped = {
        i
        for p in found.pieces
        if p.sort in ("noise", "cue", "province")
        for i in range(p.start, p.end)
    } | found.claimed
    return next((i for i in range(len(found.words)) if i not in skipped), -1)


def _agency_place(found: Found, mention: Mention) -> bool:
    """Whether nothing but cues and names follows the word: "thuế làm gì", "còn hải quan?"."""
    if _subject(found, mention):
        return True
    if any(
        p.end == mention.start and p.sort == "cue" and "matter" in p.values for p in found.pieces
    ):
        return False
    covered = found.covered | found.except_words
    after = range(mention.end, len(found.words))
    left = [i for i in after if i not in covered and not found.words[i].text.isdigit()]
    if left and not _one_verb(found, left):
        return False
    whole = len(found.words) == mention.end - mention.start
    return not _SPEAKS_OF & found.cues and (whole or bool(_ASKS_OF & found.cues))


def _one_verb(found: Found, left: Sequence[int]) -> bool:
    """Whether the words left over are one, the verb of what is asked: "điện lực nhận việc gì"."""
    asking = {p.start for p in found.pieces if p.sort == "cue" and _ASKS & set(p.values)}
    return len(left) == 1 and left[0] + 1 in asking


def _subject(found: Found, mention: Mention) -> bool:
    """Whether the word stands where only an agency can: "việc của hải quan về …", "hải quan có
    việc gì về …"."""
    before = [p for p in found.pieces if p.end == mention.start]
    of_work = [p for p in found.pieces if p.sort == "cue" and "task" in p.values]
    if before and plays(found.words[mention.start - 1].folded, Use.OF):
        return any(p.end == mention.start - 1 for p in of_work)
    after = sorted((p for p in found.pieces if p.start >= mention.end), key=lambda p: p.start)
    at = mention.end
    for piece in after:
        if piece.start != at or piece.sort not in ("noise", "province"):
            asks = piece.sort == "cue" and {"what", "task"} & set(piece.values)
            return piece.start == at and bool(asks) and "mention" in found.cues
        at = piece.end
    return False


def _listed(found: Found, one: Mention, other: Mention) -> bool:
    """Whether two names stand in one list: "Công an, Sở Y tế"."""
    first, second = sorted((one, other), key=lambda m: m.start)
    between = _LISTS.findall(fold(found.between(first.end, second.start)))
    linked = [w for w in between if not plays(w, Use.OF)]
    return bool(linked) and all(w in _SIGNS or plays(w, Use.AND) for w in linked)


def drop_merged(found: Found, directory: Directory) -> None:
    """ "Sở Khoa học và Công nghệ, sau khi nhập với Thông tin và Truyền thông" is one agency."""
    if "today" not in found.cues:
        return
    strong = sorted((m for m in found.agencies if not m.weak), key=lambda m: m.start)
    heir = strong[0] if strong else None
    for piece in [p for p in found.pieces if p.sort == "agency"]:
        of = plays(found.words[piece.start - 1].folded, Use.OF)
        if heir is None or piece.start <= heir.start or of:
            continue
        if any(_took_over(directory, key, piece.values) for key in heir.keys):
            found.agencies = [m for m in found.agencies if m.start != piece.start]
            found.pieces = [replace(p, sort="noise") if p is piece else p for p in found.pieces]
            found.cues -= {"shared", "both"}


def _took_over(directory: Directory, heir: str, keys: Sequence[str]) -> bool:
    """Whether the agency took over the duties of one of the others."""
    return any(row.predecessor in keys for row in directory.predecessors(heir))


def drop_which(found: Found) -> None:
    """ "Sở, ngành nào" asks who, and names nobody."""
    asking = {
        m.start
        for m in found.agencies
        if m.end < len(found.words)
        and plays(found.words[m.end].folded, Use.WHICH)
        and not any(plays(w.folded, Use.ALSO) for w in found.words[m.end + 1 : m.end + 2])
        and m.end - m.start <= _LONGEST_ASKED
        and _DEPARTMENTS in m.keys
    }
    if asking:
        found.cues.add("who")
        found.agencies = [m for m in found.agencies if m.start not in asking]
        found.pieces = [replace(p, sort="noise") if p.start in asking else p for p in found.pieces]


def drop_owners(found: Found, directory: Directory) -> None:
    """In "chỉ số cải cách hành chính của các sở, huyện nằm ở đâu" the departments are a part of
    what is looked for."""
    asking = {i for p in found.pieces if p.sort == "cue" for i in range(p.start, p.end)}
    owners: list[Mention] = []
    for mention in sorted(found.agencies, key=lambda m: m.start):
        before = mention.start - 1
        of = before > 0 and plays(found.words[before].folded, Use.OF)
        owned = of and before - 1 not in asking
        group = all(
            k in directory.agencies and directory.agencies[k].is_group for k in mention.keys
        )
        if group and (owned or (owners and _listed(found, owners[-1], mention))):
            owners.append(mention)
    if owners and "where" in found.cues and len(owners) == len(found.agencies):
        starts = {m.start for m in owners}
        found.agencies = []
        found.pieces = [replace(p, sort="noise") if p.start in starts else p for p in found.pieces]


def settle_authority(found: Found) -> None:
    """ "UBND tỉnh Lạng Sơn" is that of the province, though the name of the province takes the
    word for it; so is "Thanh tra Lạng Sơn"."""
    places = {p.start for p in found.pieces if p.sort == "province"}
    provinces = {i for i in places if plays(found.words[i].folded, Use.PROVINCE)}
    found.agencies = [_of_province(m, provinces, places) for m in found.agencies]


def _of_province(mention: Mention, provinces: Set[int], places: Set[int]) -> Mention:
    for key, before in ((_AUTHORITY, provinces), (_INSPECTORATE, places)):
        if key in mention.keys and mention.end in before:
            return replace(mention, keys=(key,))
    return mention


def drop_addressee(found: Found) -> None:
    """In "trình UBND tỉnh" the province is told, in "UBND tỉnh giao Sở Y tế" it tells: it does
    not do the work."""
    for mention in [m for m in found.agencies if _AUTHORITY in m.keys]:
        if _tells(found, mention) or _is_told(found, mention):
            found.agencies.remove(mention)
            found.pieces = [
                replace(p, sort="noise") if p.start == mention.start else p for p in found.pieces
            ]


def _tells(found: Found, mention: Mention) -> bool:
    """Whether an agency gives the work out, or the plan is said to be its own."""
    before = found.words[max(0, mention.start - 2) : mention.start]
    after = found.words[mention.end : mention.end + 4]
    if any(plays(w.folded, Use.PLAN) for w in before):
        return True
    given = len(found.agencies) > 1 or not any(plays(w.folded, Use.PASSIVE) for w in after)
    return given and any(plays(w.folded, Use.TELLS) for w in after)


def _is_told(found: Found, mention: Mention) -> bool:
    """Whether something is sent to an agency, and it is not the receiver that is asked for."""
    before = found.words[max(0, mention.start - 1) : mention.start]
    unclear = len(mention.keys) > 1
    sent = unclear or "who" not in found.cues or bool(_LEADS & found.cues)
    return sent and any(plays(w.folded, Use.TOLD) for w in before)


def merge_doubts(found: Found) -> None:
    """ "Sở nông nghiệp hay môi trường" is one name in doubt, not two agencies."""
    for first in list(found.agencies):
        after = next(
            (
                p
                for p in found.pieces
                if p.sort == "agency" and p.start == first.end + 1 and p.weak
            ),
            None,
        )
        if after is None or not plays(found.words[first.end].folded, Use.OR):
            continue
        keys = tuple(dict.fromkeys((*first.keys, *after.values)))
        found.agencies = [m for m in found.agencies if m is not first and m.start != after.start]
        said = found.said(first.start, after.end)
        found.agencies.append(Mention(keys, said, first.start, after.end))


def guess_names(found: Found, names: Names, index: TopicIndex) -> None:
    """A name with a slip that is a word of its own: held against the table of names. Half of
    a word of the plans is no slip: "ngành viễn thông" is not "ngành điện"."""
    covered = found.covered
    for start, word in enumerate(found.words):
        mention = next((m for m in found.agencies if m.start == start), None)
        inside = any(m.start < start < m.end for m in found.agencies)
        if inside or not names.opens(word.folded):
            continue
        if start in covered and mention is None and not _bare(found, start):
            continue
        shortest = mention.end if mention else start + 1
        for end in range(min(len(found.words), start + _LONGEST_NAME), shortest, -1):
            if any(_taken(found, i, mention) for i in range(start, end)):
                continue
            if _half(found, start, end, index):
                continue
            if mention and any(i in covered for i in range(mention.end, end)):
                continue
            keys = names.nearest(tuple(w.text for w in found.words[start:end]))
            if keys and (mention is None or set(keys) & set(mention.keys)):
                _name(found, start, end, keys, mention)
                break


def doubt_names(found: Found, directory: Directory) -> None:
    """A name cut within a word goes on with one that is none of the agency's: "sở công an" is
    not Sở Công Thương. It names no agency that is known."""
    for at, mention in enumerate(found.agencies):
        if mention.end >= len(found.words) or found.between(mention.end, mention.end).strip():
            continue
        said = [w.folded for w in found.words[mention.start : mention.end]]
        after = found.words[mention.end]
        run = next((r for r in found.runs if r[0] is after), ())
        names = [fold(directory.name(key)).split() for key in mention.keys]
        short = bool(names) and all(_cut_within(said, name) for name in names)
        if not short or len(run) != 1 or not is_syllable(after.folded):
            continue
        if not any(slips(after.folded, n[len(said) : len(said) + 1], 1) for n in names):
            whole = found.said(mention.start, mention.end + 1)
            found.agencies[at] = Mention((), whole, mention.start, mention.end + 1)


def _cut_within(said: Sequence[str], name: Sequence[str]) -> bool:
    """Whether of a name no more is said than its kind and half a word: "sở công"."""
    cut = len(said) == _CUT and len(name) > _CUT and list(name[:_CUT]) == list(said)
    cut = cut and plays(name[0], Use.OFFICE)
    return cut and not plays(name[_CUT], Use.AND, Use.PROVINCE)


def name_kinds(found: Found, named: Iterable[tuple[str, str]]) -> None:
    """ "Cục phụ trách gì" may be any of them: those of the agencies in the plans, by key and
    name, that begin with the word."""
    if found.agencies or len(found.runs) != 1 or len(found.runs[0]) != 1:
        return
    if not _ASKS_OF & found.cues or "mention" in found.cues:
        return
    word = found.runs[0][0]
    keys = tuple(key for key, name in named if fold(name).split()[0] == word.folded)
    if 1 < len(keys) <= _MOST_OFFERED:
        at = found.words.index(word)
        found.agencies.append(Mention(keys, word.text, at, at + 1))
        found.runs = []


def _half(found: Found, start: int, end: int, index: TopicIndex) -> bool:
    """Whether the words are the plans' own ("toàn tỉnh" is not "tòa án tỉnh"), or the last of
    them and the one that follows are."""
    inside = pairwise(found.words[start:end])
    if all(index.spells(a.text) and index.pairs(a.folded, b.folded) for a, b in inside):
        return index.spells(found.words[end - 1].text)
    if any(p.start < end < p.end for p in found.pieces):
        return True
    if end == len(found.words) or end in found.covered:
        return False
    last = found.words[end - 1]
    return index.spells(last.text) and index.pairs(last.folded, found.words[end].folded)


def _bare(found: Found, at: int) -> bool:
    """Whether the word is covered by a piece of its own only."""
    return any(p.start == at and p.end == at + 1 for p in found.pieces)


def _taken(found: Found, at: int, mention: Mention | None) -> bool:
    """Whether a word belongs to a name other than `mention`, or to a reader."""
    return at in found.claimed or any(
        m.start <= at < m.end for m in (*found.agencies, *found.excluded) if m is not mention
    )


def _name(
    found: Found, start: int, end: int, keys: tuple[str, ...], mention: Mention | None
) -> None:
    """Puts a name in the place of what stood at these words."""
    if mention:
        found.agencies.remove(mention)
    found.agencies.append(Mention(keys, found.said(start, end), start, end, fuzzy=True))
    kept = [p for p in found.pieces if p.end <= start or p.start >= end]
    found.pieces = [*kept, Piece(start, end, "guess", ())]
