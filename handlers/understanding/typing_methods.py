"""Telex and VNI left raw: "Sowr Y tees", "So73 Y te61" → the letters that were meant."""

_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_TELEX_LETTERS = (
    ("uow", "ươ"), ("uwow", "ươ"), ("dd", "đ"), ("aa", "â"), ("ee", "ê"), ("oo", "ô"),
    ("aw", "ă"), ("ow", "ơ"), ("uw", "ư"), ("w", "ư"),
)  # fmt: skip
_VNI_LETTERS = {
    "a6": "â", "e6": "ê", "o6": "ô", "o7": "ơ", "u7": "ư", "a8": "ă", "d9": "đ",
}  # fmt: skip
_VOWELS = "aeiouyăâêôơư"


def telex(word: str) -> str | None:
    """The word that raw Telex means, its tone after the last letter; None if it is no Telex."""
    tone = ""
    letters = word
    first_vowel = next((i for i, c in enumerate(word) if c in _VOWELS), None)
    if first_vowel is None:
        return None
    for i in range(len(word) - 1, first_vowel, -1):
        if word[i] in _TELEX_TONES:
            tone, letters = _TELEX_TONES[word[i]], word[:i] + word[i + 1 :]
            break
    meant = _delayed(letters)
    for typed, letter in _TELEX_LETTERS:
        meant = meant.replace(typed, letter)
    return meant + tone if meant + tone != word else None


def _delayed(letters: str) -> str:
    """A mark typed at the end of the syllable ("vietj" + "e", "duongdd") put in its place."""
    if len(letters) > 2 and letters[0] == "d" and letters[-1] == "d" and letters[1] != "d":
        letters = "dd" + letters[1:-1]
    last = letters[-1:]
    if last in "aeo" and letters.count(last) == 2 and letters[-2:] != last * 2:
        at = letters.index(last)
        letters = letters[: at + 1] + last + letters[at + 1 : -1]
    if last == "w" and len(letters) > 2 and letters[-2] not in "aou":
        for vowel in ("uo", "o", "a", "u"):
            at = letters.rfind(vowel)
            if at >= 0:
                cut = at + len(vowel)
                return letters[:cut] + "w" + letters[cut:-1]
    return letters


def vni(word: str) -> str | None:
    """The word that raw VNI means, its tone after the last letter; None if it is no VNI."""
    if not word[:1].isalpha() or not any(c.isdigit() for c in word):
        return None
    letters, tone = "", ""
    for char in word:
        if char in _VNI_TONES:
            if tone:
                return None
            tone = _VNI_TONES[char]
        elif char.isdigit():
            marked = _marked(letters, char)
            if marked is None:
                return None
            letters = marked
        else:
            letters += char
    return letters + tone if any(c in _VOWELS for c in letters) else None


def _marked(letters: str, digit: str) -> str | None:
    """The letters with the quality of a VNI digit on the last letter that can bear it."""
    if digit == "7" and "uo" in letters:
        return letters.replace("uo", "ươ")
    for at in range(len(letters) - 1, -1, -1):
        letter = _VNI_LETTERS.get(letters[at] + digit)
        if letter:
            return letters[:at] + letter + letters[at + 1 :]
    return None
