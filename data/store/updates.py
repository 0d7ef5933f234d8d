"""The record: entries are appended and read, never changed nor removed.

Each entry carries the hash of the one before it, and `chain` how many there are and the last
hash, so that entries cut off at the end are missed too. All columns are hashed as stored.
"""

import json
from collections.abc import AsyncIterator, Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.record import GENESIS, Act, Draft, Entry, Evidence, Proof, digest
from data.store.schema import chain, entries

_HEAD = select(chain.c.entries, chain.c.hash).where(chain.c.id == 1)
_MOVE = update(chain).where(chain.c.id == 1)
_HASHED = (
    "plan", "task", "act", "person", "name", "agency", "authority", "channel", "words", "fields",
    "evidence", "documents", "proposal",
)  # fmt: skip


async def append(connection: AsyncConnection, draft: Draft) -> Entry:
    """Enters a draft as the last entry; the connection must be one that writes."""
    head = (await connection.execute(_HEAD)).first()
    id, previous = (head.entries + 1, head.hash) if head else (1, GENESIS)
    row = _row(draft)
    hash = digest(previous, id, [row[name] for name in _HASHED], draft.at)
    added = {**row, "id": id, "at": draft.at, "previous": previous, "hash": hash}
    found = await connection.execute(insert(entries).returning(*entries.c), added)
    last = {"entries": id, "hash": hash}
    if head:
        await connection.execute(_MOVE.values(**last))
    else:
        await connection.execute(insert(chain).values(id=1, **last))
    return _entry(found.one())


def _row(draft: Draft) -> dict[str, Any]:
    evidence = [[e.name, e.media_type, e.sha256, e.path] for e in draft.evidence]
    return {
        "plan": draft.plan,
        "task": draft.task,
        "act": draft.act.value,
        "person": draft.person,
        "name": _storable(draft.name),
        "agency": draft.agency,
        "authority": draft.authority,
        "channel": draft.channel,
        "words": _storable(draft.words),
        "fields": _json(dict(draft.fields)),
        "evidence": _json(evidence),
        "documents": _json(list(draft.documents)),
        "proposal": draft.proposal,
    }


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _storable(text: str) -> str:
    """The text without what UTF-8 or PostgreSQL cannot hold: half a surrogate pair, NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        plan=row.plan,
        task=row.task,
        act=Act(row.act),
        at=row.at,
        person=row.person,
        name=row.name,
        agency=row.agency,
        authority=row.authority,
        channel=row.channel,
        words=row.words,
        fields=json.loads(row.fields),
        evidence=tuple(Evidence(*each) for each in json.loads(row.evidence)),
        documents=tuple(json.loads(row.documents)),
        proposal=row.proposal,
        id=row.id,
        previous=row.previous,
        hash=row.hash,
    )


async def _found(connection: AsyncConnection, *where: ColumnElement[bool]) -> tuple[Entry, ...]:
    rows = await connection.execute(select(*entries.c).where(*where).order_by(entries.c.id))
    return tuple(_entry(row) for row in rows)


async def of_task(connection: AsyncConnection, plan: str, task: str) -> tuple[Entry, ...]:
    """What was entered on a task and on the tasks of one's own under it, in order."""
    own = entries.c.task.startswith(f"{task}-", autoescape=True)
    return await _found(connection, entries.c.plan == plan, or_(entries.c.task == task, own))


async def of_plans(connection: AsyncConnection, plans: Collection[str]) -> tuple[Entry, ...]:
    """What was entered on any task of the plans, in order."""
    return await _found(connection, entries.c.plan.in_(plans))


async def of_people(connection: AsyncConnection, people: Collection[int]) -> tuple[Entry, ...]:
    """What these people entered, in order."""
    return await _found(connection, entries.c.person.in_(people))


async def of_proposal(connection: AsyncConnection, proposal: int) -> Entry | None:
    """The entry to which a confirmation led."""
    found = await _found(connection, entries.c.proposal == proposal)
    return found[0] if found else None


async def entry(connection: AsyncConnection, id: int) -> Entry | None:
    """The entry of that number."""
    found = await _found(connection, entries.c.id == id)
    return found[0] if found else None


async def length(connection: AsyncConnection) -> int:
    """How many entries the record has."""
    return int(await connection.scalar(select(chain.c.entries)) or 0)


async def everything(connection: AsyncConnection) -> AsyncIterator[Entry]:
    """Every entry in order, a few hundred at a time."""
    after = 0
    while True:
        following = select(*entries.c).where(entries.c.id > after).order_by(entries.c.id)
        rows = (await connection.execute(following.limit(500))).all()
        for row in rows:
            yield _entry(row)
        if not rows:
            return
        after = rows[-1].id


async def prove(connection: AsyncConnection) -> Proof:
    """Follows the chain from its first entry; the proof names the first broken one."""
    count, previous, after = 0, GENESIS, 0
    while True:
        following = select(*entries.c).where(entries.c.id > after).order_by(entries.c.id)
        rows = (await connection.execute(following.limit(500))).all()
        for row in rows:
            fault = _fault(row, count + 1, previous)
            if fault:
                return Proof(count, count + 1, fault)
            count, previous = row.id, row.hash
        if not rows:
            break
        after = rows[-1].id
    head = (await connection.execute(_HEAD)).first()
    told = (head.entries, head.hash) if head else (0, GENESIS)
    if told == (count, previous):
        return Proof(count)
    return Proof(count, count + 1 if told[0] > count else count, "cut")


def _fault(row: Row[Any], expected: int, previous: str) -> str:
    if row.id != expected:
        return "missing"
    if row.previous != previous:
        return "unchained"
    told = digest(row.previous, row.id, [getattr(row, n) for n in _HASHED], row.at)
    return "" if told == row.hash else "changed"
