"""Documents as they are cited, however clumsily: "Chỉ thị số 20/CT-TTg", "nđ 61", "ct20/ttg".

Positions are those of the text in NFC.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from data.text.normalise import fold
from data.text.patterns import pattern, typed

# Type key: the words in full, the short forms typed in front of a number, the codes in a number.
_TYPES: dict[str, tuple[str, str, str]] = {
    "nghi-quyet": ("nghị quyết", r"n\.?q", "nq"),
    "nghi-dinh": ("nghị định", r"n\.?đ", "nđ"),
    "chi-thi": ("chỉ thị", "ct", "ct"),
    "quyet-dinh": ("quyết định", r"q\.?đ", "qđ"),
    "ke-hoach": ("kế hoạch", "kh", "kh"),
    "thong-tu": ("thông tư liên tịch|thông tư", "ttlt|tt", "ttlt|tt"),
    "cong-van": ("công văn", "cv", "cv"),
    "cong-dien": ("công điện", "cđ", "cđ"),
    "chuong-trinh": ("chương trình", "ctr", "ctr"),
    "thong-bao": ("thông báo", "tb", "tb"),
    "bao-cao": ("báo cáo", "bc", "bc"),
    "to-trinh": ("tờ trình", "ttr", "ttr"),
    "phap-lenh": ("pháp lệnh", "pl", "pl"),
    "de-an": ("đề án", "đa", "đa"),
    "luat": ("(?<!pháp )(?<!kỷ )(?<!quy )(?<!đạo )luật".replace(" ", r"\s"), "luật", "qh"),
}
# A short form that is also a common abbreviation (thông tin, kế hoạch, trung tâm): it cites only
# with a number of two digits or more.
_WEAK = frozenset({"ke-hoach", "thong-tu", "cong-van", "thong-bao", "bao-cao", "de-an", "luat",
                   "cong-dien", "chuong-trinh", "to-trinh", "phap-lenh"})  # fmt: skip
_ISSUERS = {
    "thủ tướng chính phủ|thủ tướng|ttg": "TTg",
    "chính phủ": "CP",
    "quốc hội": "QH",
    "(?:ubnd|ủy ban nhân dân|uỷ ban nhân dân|uy ban nhân dân)(?: tỉnh)?": "UBND",
    "(?:hđnd|hội đồng nhân dân)(?: tỉnh)?": "HĐND",
    "tỉnh ủy|tỉnh uỷ": "TU",
}
_CENTRAL = frozenset({"TTg", "CP", "QH"})
_NUMBERED = ("nghi-quyet", "nghi-dinh", "chi-thi", "quyet-dinh", "thong-tu")
_UNITS = (
    "(?:%|phần trăm|ngày|giờ|tháng|tuần|quý|năm(?! ?[12]| (?:ở|trong|tại|đâu|chỗ))|lần|nhiệm vụ"
    "|việc|mục tiêu|mục|chỉ tiêu|chỉ số|đơn vị|sở|huyện|xã|người|doanh nghiệp|dn|tỷ|triệu|đồng"
    "|k|điểm|cái|văn bản|cấp|bước|kg|km|m)"
)
_STOP = (
    "do|của|thì|giao|ai|nào|là|ở|có|được|trong|theo|liên quan|giữa|cho|phải|thuộc|gì|không|với"
    "|cơ quan|sở|ubnd|bộ|đơn vị|triển khai|tổ chức|thực hiện|quy định|năm|số|này|đó|vào|và luật"
    "|hiện hành|trước|sau|đến|nằm|bên|nơi|chỗ|nêu|nhắc|đã|chưa|sẽ|bị|đối|về việc|ạ|nhé|vậy|đâu"
    "|ra sao|thế"
)

_DATE = (
    r"(?:,?·ngày·(?P<day>\d{1,2})·(?:[/.-]|,?·tháng)·(?P<month>\d{1,2})·(?:[/.-]|,?·năm)·"
    r"(?P<dated>\d{4}))"
)
_DATE_AFTER = _DATE.replace("(?P<", "(?P<x")
_PLAIN_DATE = re.sub(r"\?P<\w+>", "?:", _DATE)
_ISSUED_IN = r"(?:,?·năm·(?P<inyear>(?:19|20)\d\d)(?!\d))"
_WHO = r"(?: của (?:(?P<who>" + "|".join(_ISSUERS) + r")\b))"
_CODES = "|".join(codes for _, _, codes in _TYPES.values())
_PIECE = r"[^\W\d_]{2,8}\d{0,2}"
_CODE = rf"(?P<code>{_PIECE}(?:[-–/]·{_PIECE}){{0,2}})"
_NUMBER = r"(?P<number>\d{1,5})(?!\d|·%|[.,]\d)"
_NUMBER_YEAR = r"(?:·[/-]·(?P<year>(?:19|20)\d\d)(?!\d))?"
_TAIL = rf"(?:·[-–/]·{_CODE}| (?P<code2>(?:{_CODES})[-–]{_PIECE}))(?!\w)"
_TYPED = "|".join(
    f"(?P<{key.replace('-', '_')}>{words}|{short})" for key, (words, short, _) in _TYPES.items()
)
_BODY = r"(?:cp|ttg|ubnd|tw)"
_WITH_TYPE = pattern(
    rf"(?<![\w/-])(?:{_TYPED})(?P<prefix>[-–]?{_BODY})?(?:·(?:số(?: hiệu)?|no)\b)?[\s:.]*"
    rf"{_NUMBER}{_NUMBER_YEAR}(?:{_TAIL}|(?={_PLAIN_DATE})|(?!·{_UNITS}(?!\w)|\w))"
    rf"(?:{_DATE}|{_ISSUED_IN})?{_WHO}?(?:{_DATE_AFTER})?"
)
_WITH_CODE = pattern(
    rf"(?<![\w.,/-])(?:số·:?·)?{_NUMBER}{_NUMBER_YEAR}(?:·[/-]·| (?=(?:{_CODES})[-–]{_PIECE}))"
    rf"(?P<code>(?:{_CODES})\d{{0,2}}(?:[-–/]·{_PIECE}){{0,2}}|(?:{_CODES}){_BODY}|{_BODY})(?!\w)"
    rf"(?:{_DATE}|{_ISSUED_IN})?{_WHO}?(?:{_DATE_AFTER})?"
)
_WITH_YEAR = pattern(r"(?<![\w.,/-])số·:?·(?P<number>\d{1,4})/(?P<year>(?:19|20)\d\d)(?![\w/-])")
_NAMED_TYPES = "|".join(f"(?P<{key.replace('-', '_')}>{_TYPES[key][0]})" for key in _NUMBERED)
_OF_WHOM = pattern(rf"(?<!\w)(?:{_NAMED_TYPES}){_WHO}")
_DATED = pattern(rf"(?<!\w)(?:{_NAMED_TYPES}){_DATE}{_WHO}?")
_LAW = pattern(
    rf"(?<!\w){_TYPES['luat'][0]}(?P<name>(?:,?·\b(?!(?:{_STOP}|luật|pháp|sư|lệ)\b)[^\W\d_]+)"
    rf"{{1,9}})"
)
_BARE = pattern(
    rf"(?<![\w.,/%+-])(?:số·:?·)?(?P<number>(?!(?:19|20)[0-4]\d\b)\d{{3,4}})(?![\w%/-]|[.,]\d)"
    rf"(?!·{_UNITS}\b|·%)"
)
# Without one of these there is no citation.
_HINT = pattern(r"\d|\bluật\b|\b(?:nghị (?:quyết|định)|chỉ thị|quyết định|thông tư)\b")
# Folded: without one of these words there is at most a bare number.
_OPENINGS = re.compile(
    "(?<![a-z])(?:"
    + "|".join(
        sorted(
            {fold(words).rpartition(")")[2].split()[0] for words, _, _ in _TYPES.values()}
            | {fold(form) for _, short, codes in _TYPES.values() for form in (short, codes)}
        )
    )
    + r"|cp|ttg|ubnd|tw)(?:[-–]?(?:cp|ttg|ubnd|tw))?(?![a-z])|(?<![a-z])so\s*:?\s*\d"
)
_SAID_NUMBER = pattern(r"\bsố\b")
_YEAR_LIKE = re.compile(r"(?:19|20)[0-4]\d$")
_IN_FULL = {key: pattern(rf"(?:{words})\b") for key, (words, _, _) in _TYPES.items()}
_TYPE_WORDS = tuple((key, pattern(rf"(?:{codes})$")) for key, (_, _, codes) in _TYPES.items())
_ISSUER_WORDS = tuple((pattern(f"(?:{words})$"), code) for words, code in _ISSUERS.items())


@dataclass(frozen=True, slots=True)
class Citation:
    """A document as a text cites it; what it does not say is None.

    `type` is a key (nghi-quyet), `issuer` the code as typed ("CT-TTg") or the one that stands
    for the issuer named in words ("TTg"). `name` is the law's name where it has no number.
    `certain` is False for a bare number, which may be something else.
    """

    type: str | None
    number: str | None
    year: int | None
    issuer: str | None
    issued: date | None
    words: str
    span: tuple[int, int]
    name: str | None = None
    certain: bool = True


def _type_of(groups: dict[str, str | None], code: str | None) -> str | None:
    """The type by its word, else by the code within the number ("NQ" of "02/NQ-CP")."""
    for key in _TYPES:
        if groups.get(key.replace("-", "_")):
            return key
    if groups.get("name"):
        return "luat"
    for part in re.split(r"[-–/\s]+", (code or "").lower()):
        head = part.rstrip("0123456789")
        for key, known in _TYPE_WORDS:
            if known.match(head):
                return key
    return None


def _issuer(groups: dict[str, str | None], typed_code: str | None) -> str | None:
    if typed_code:
        return re.sub(r"\s+", "", typed_code)
    if who := groups.get("who"):
        return next(code for known, code in _ISSUER_WORDS if known.match(" ".join(who.split())))
    return (groups.get("prefix") or "").strip("-–") or None


def _issued(groups: dict[str, str | None]) -> date | None:
    for mark in ("", "x"):
        day, month, year = (groups.get(mark + part) for part in ("day", "month", "dated"))
        if day and month and year:
            try:
                return date(int(year), int(month), int(day))
            except ValueError:
                return None
    return None


def _looks_like_one(kind: str, number: str, words: str) -> bool:
    """Whether a type and a number are a citation: "nq 02", not "kế hoạch 2021", "tt 3"."""
    plain = typed(words)
    if _YEAR_LIKE.match(number) and not _SAID_NUMBER.search(plain):
        return False
    return len(number) > 1 or kind not in _WEAK or bool(_IN_FULL[kind].match(plain))


def _citation(match: re.Match[str], text: str, certain: bool) -> Citation | None:
    """The citation that a match stands for; None for what only looks like one."""
    groups = match.groupdict()
    code = next((name for name in ("code", "code2") if groups.get(name)), None)
    words = text[match.start() : match.end()].rstrip()
    as_typed = text[match.start(code) : match.end(code)] if code else None
    kind, number = _type_of(groups, as_typed), groups.get("number")
    year = groups.get("year") or groups.get("inyear")
    bare = number and kind and not groups.get("year") and not code
    if bare and not _looks_like_one(kind or "", number or "", words):
        return None
    issued = _issued(groups)
    name = text[match.start("name") : match.end("name")] if groups.get("name") else None
    return Citation(
        type=kind,
        number=number,
        year=int(year) if year else issued.year if issued else None,
        issuer=_issuer(groups, as_typed),
        issued=issued,
        words=words,
        span=(match.start(), match.start() + len(words)),
        name=" ".join(name.split()) if name else None,
        certain=certain,
    )


_READERS = (
    (_WITH_TYPE, True), (_WITH_CODE, True), (_WITH_YEAR, True), (_DATED, True), (_OF_WHOM, True),
    (_LAW, True), (_BARE, False),
)  # fmt: skip


@lru_cache(maxsize=4096)
def read_documents(text: str) -> tuple[Citation, ...]:
    """The documents that a text cites, in order."""
    text = unicodedata.normalize("NFC", text)
    plain = typed(text)
    if not _HINT.search(plain):
        return ()
    found: list[Citation] = []
    for reader, certain in _READERS if _OPENINGS.search(fold(text)) else _READERS[-1:]:
        for match in reader.finditer(plain):
            start, end = match.span()
            if any(start < other.span[1] and other.span[0] < end for other in found):
                continue
            citation = _citation(match, text, certain)
            if citation:
                found.append(citation)
    return tuple(sorted(found, key=lambda citation: citation.span))


def _bodies(issuer: str) -> frozenset[str]:
    """The issuing body within a code: "CT-TTg" → ttg, "QĐ-UBND" → ubnd."""
    parts = re.split(r"[-–/]+", issuer)
    bodies = set()
    for part in parts:
        folded = fold(part)
        if not any(known.match(part.lower()) for _, known in _TYPE_WORDS):
            bodies.add(folded.rstrip("0123456789"))
    return frozenset(bodies)


def _agree(one: str | int | None, other: str | int | None) -> bool:
    return one is None or other is None or one == other


def same(citation: Citation, cited: str) -> bool:
    """Whether a citation may mean the document that a registry cites in these words.

    Numbers must be equal but for leading zeros; type, issuing body and year must agree where
    both state them. A law cited by name must have the words of that name.
    """
    return any(_fits(citation, other) for other in read_documents(cited))


def _fits(one: Citation, other: Citation) -> bool:
    if not _agree(one.type, other.type):
        return False
    if one.name or other.name:
        return _same_name(one, other)
    if not (one.number and other.number) and one.issued and other.issued:
        return one.type == other.type and one.issued == other.issued
    if not one.number and bool(one.issued) != bool(other.issued) and (one.issued or one.name):
        return False
    if one.number and other.number:
        if one.number.lstrip("0") != other.number.lstrip("0"):
            return False
    elif not (one.issuer and other.issuer and one.type == other.type):
        return False
    if one.issuer and other.issuer:
        bodies = _bodies(one.issuer), _bodies(other.issuer)
        if all(bodies) and not bodies[0] & bodies[1]:
            return False
    return _agree(one.year, other.year)


def _same_name(one: Citation, other: Citation) -> bool:
    """Whether the shorter of two law names is made of words of the other."""
    if not (one.name and other.name):
        return False
    names = sorted(
        ([fold(word) for word in re.findall(r"\w+", name)] for name in (one.name, other.name)),
        key=len,
    )
    return len(names[0]) > 1 and set(names[0]) <= set(names[1])
