"""Catalogue look-up, and Vietnamese dates, numbers and lists. The one home of Babel.

A message id is a key with dots (`refusal.scope`); the sentence stands in the catalogue
`locales/<language>/LC_MESSAGES/dondoc.po` with named places: `{count} việc`.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from data import files

LANGUAGE = "vi"


@cache
def catalogue(language: str = LANGUAGE) -> Catalog:
    """The catalogue of a language, read from its .po file."""
    with files.catalogue(language).open("rb") as file:
        return read_po(file, locale=language)


def say(key: str, /, **places: object) -> str:
    """The sentence of `key` with its places filled; raises KeyError for an unknown key."""
    message = catalogue().get(key)
    if message is None or not message.string:
        raise KeyError(key)
    text = message.string if isinstance(message.string, str) else message.string[0]
    return text.format(**places) if places else text


def number(value: float) -> str:
    """1234.5 → "1.234,5"; 30.0 → "30"."""
    return format_decimal(int(value) if value == int(value) else value, locale=LANGUAGE)


def day(value: date) -> str:
    """9 December 2021 → "09/12/2021"."""
    return value.strftime("%d/%m/%Y")


def listing(items: Iterable[str]) -> str:
    """["A", "B", "C"] → "A, B và C"."""
    parts = list(items)
    if len(parts) < 2:
        return "".join(parts)
    return say("list.and", head=", ".join(parts[:-1]), last=parts[-1])
