"""The proof of what a person reported and when, as a CSV file that a spreadsheet opens."""

import csv
import io
from collections.abc import Iterable

from data.loading.library import Library
from data.record import Entry
from handlers.messages import Document
from handlers.updates.cards import UpdateCards
from handlers.wording import say

_COLUMNS = (
    "id", "at", "plan", "task", "title", "act", "what", "words", "person", "agency", "authority",
    "channel", "documents", "evidence", "hash",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def receipts(entries: Iterable[Entry], library: Library, cards: UpdateCards) -> Document:
    """The entries as a file; every cell is text, whatever was typed."""
    content = table(entries, library, cards)
    return Document(say("receipts.file"), "text/csv", content.encode("utf-8-sig"))


def table(entries: Iterable[Entry], library: Library, cards: UpdateCards) -> str:
    """The entries as CSV, the newest last, with a heading."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([say(f"receipts.{name}") for name in _COLUMNS])
    for entry in entries:
        writer.writerow(map(_safe, _row(entry, library, cards)))
    return out.getvalue()


def _row(entry: Entry, library: Library, cards: UpdateCards) -> list[str]:
    task = library.task(f"{entry.plan}/{entry.task.partition('-')[0]}")
    return [
        str(entry.id),
        entry.at.isoformat(timespec="seconds"),
        entry.plan,
        entry.task,
        task.title if task else "",
        say(f"update.act.{entry.act}"),
        cards.content(entry),
        entry.words,
        entry.name,
        library.directory.name(entry.agency) if entry.agency else "",
        entry.authority,
        entry.channel,
        "; ".join(entry.documents),
        "; ".join(f"{e.name} ({e.sha256})" for e in entry.evidence),
        entry.hash,
    ]


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
