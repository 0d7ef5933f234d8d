"""People, the channels on which they are known, and their roles in plans and agencies.

A role that ended stays as a row with its end; only those that hold now are given. A person
merged into another (one human, two channels) keeps the row, for the record names it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.model import Identity, Membership, Person, Role
from data.store.schema import identities, memberships, people
from data.store.work import Work

Connection = AsyncConnection
"""For the annotations of those who may not know SQLAlchemy."""

_HOLDS = memberships.c.ended.is_(None)
_IDENTITY = (
    identities.c.channel == bindparam("in_channel"),
    identities.c.user == bindparam("in_user"),
)
_OWNER = select(identities.c.person).where(*_IDENTITY)
_BATCH = 500


async def person(work: Work, channel: str, user: str) -> Person | None:
    """Who writes as `user` on `channel`; None for a guest never heard of."""
    async with work.reading() as connection:
        return await find(connection, channel, user)


async def find(connection: AsyncConnection, channel: str, user: str) -> Person | None:
    """The person known as `user` on `channel`, with the roles that hold now."""
    if not user or not _storable(user):
        return None
    owner = await connection.scalar(_OWNER, {"in_channel": channel, "in_user": user})
    return None if owner is None else await get(connection, owner)


async def get(connection: AsyncConnection, id: int) -> Person | None:
    """The person of that id."""
    found = await _gathered(connection, [id])
    return found[0] if found else None


async def serving(
    connection: AsyncConnection,
    plan: str | None = None,
    agencies: Sequence[str] = (),
    roles: Sequence[Role] = (),
) -> tuple[Person, ...]:
    """Everybody with a role that fits, in the order in which they came; all where none is said."""
    fitting: list[ColumnElement[bool]] = [_HOLDS]
    if plan is not None:
        fitting.append(memberships.c.plan == plan)
    if agencies:
        fitting.append(memberships.c.agency.in_(agencies))
    if roles:
        fitting.append(memberships.c.role.in_(roles))
    query = select(memberships.c.person).where(*fitting).distinct().order_by("person")
    ids = list((await connection.execute(query)).scalars())
    return await _gathered(connection, ids)


async def names(connection: AsyncConnection, ids: Iterable[int]) -> Mapping[int, str]:
    """What people are called, also those who left."""
    found: dict[int, str] = {}
    for batch in _batches(sorted(set(ids))):
        rows = await connection.execute(
            select(people.c.id, people.c.name).where(people.c.id.in_(batch))
        )
        found.update({row.id: row.name for row in rows})
    return found


async def add(connection: AsyncConnection, name: str, at: datetime) -> int:
    """The id of a new person."""
    values = {"name": name, "since": at}
    added = await connection.execute(insert(people).returning(people.c.id), values)
    id: int = added.scalar_one()
    return id


async def add_identity(
    connection: AsyncConnection, person: int, channel: str, user: str, chat: str, at: datetime
) -> None:
    """Makes `user` on `channel` this person. The identity must be nobody's yet."""
    values = {"channel": channel, "user": user, "person": person, "chat": chat, "since": at}
    await connection.execute(insert(identities), values)


async def rename(connection: AsyncConnection, person: int, name: str) -> None:
    """Gives a person another name."""
    await connection.execute(update(people).where(people.c.id == person).values(name=name))


async def choose(connection: AsyncConnection, person: int, channel: str | None) -> None:
    """Remembers the channel on which the person wants to be written to; None for the last used."""
    await connection.execute(update(people).where(people.c.id == person).values(chosen=channel))


async def used(
    connection: AsyncConnection, channel: str, user: str, chat: str | None, at: datetime
) -> None:
    """Notes when a person wrote, and in which private chat; None leaves the chat as it is."""
    values: dict[str, object] = {"used": at} if chat is None else {"used": at, "chat": chat}
    where = {"in_channel": channel, "in_user": user}
    await connection.execute(update(identities).where(*_IDENTITY).values(values), where)


async def enrol(
    connection: AsyncConnection,
    person: int,
    plan: str,
    agency: str,
    role: Role,
    at: datetime,
    by: int | None = None,
) -> bool:
    """Gives a person a role; False where it holds already."""
    held = select(memberships.c.id).where(
        _HOLDS,
        memberships.c.person == person,
        memberships.c.plan == plan,
        memberships.c.agency == agency,
        memberships.c.role == role.value,
    )
    if (await connection.execute(held)).first() is not None:
        return False
    values = {"person": person, "plan": plan, "agency": agency, "role": role.value}
    await connection.execute(insert(memberships), values | {"since": at, "added_by": by})
    return True


async def end(
    connection: AsyncConnection,
    ids: Sequence[int],
    at: datetime,
    by: int | None = None,
    successor: int | None = None,
) -> int:
    """Ends roles at once; how many of them held until now."""
    values = {"ended": at, "ended_by": by, "successor": successor}
    ending = update(memberships).where(_HOLDS, memberships.c.id.in_(ids)).values(values)
    return (await connection.execute(ending)).rowcount


async def merge(connection: AsyncConnection, gone: int, into: int, at: datetime) -> None:
    """Makes two persons one: channels and roles pass on, the row of `gone` stays."""
    for held in await _roles(connection, [gone]):
        one = held.membership
        await enrol(connection, into, one.plan, one.agency, one.role, at, by=into)
        await end(connection, [one.id], at, by=into, successor=into)
    await connection.execute(
        update(identities).where(identities.c.person == gone).values(person=into)
    )
    await connection.execute(update(people).where(people.c.id == gone).values(merged_into=into))


async def _gathered(connection: AsyncConnection, ids: Sequence[int]) -> tuple[Person, ...]:
    """The persons of these ids with all that belongs to them, in the order of the ids."""
    found: dict[int, Person] = {}
    for batch in _batches(ids):
        roles: defaultdict[int, list[Membership]] = defaultdict(list)
        for held in await _roles(connection, batch):
            roles[held.person].append(held.membership)
        known = await _identities(connection, batch)
        rows = await connection.execute(select(people).where(people.c.id.in_(batch)))
        for row in rows:
            places = _ordered(known.get(row.id, []), row.chosen)
            found[row.id] = Person(row.id, row.name, tuple(roles[row.id]), places, row.chosen)
    return tuple(found[id] for id in ids if id in found)


@dataclass(frozen=True, slots=True)
class _Held:
    """A role that holds, and whose it is."""

    person: int
    membership: Membership


async def _roles(connection: AsyncConnection, persons: Sequence[int]) -> list[_Held]:
    query = (
        select(memberships)
        .where(_HOLDS, memberships.c.person.in_(persons))
        .order_by(memberships.c.id)
    )
    return [
        _Held(row.person, Membership(row.id, row.plan, row.agency, Role(row.role)))
        for row in await connection.execute(query)
    ]


async def _identities(
    connection: AsyncConnection, persons: Sequence[int]
) -> Mapping[int, list[Identity]]:
    query = (
        select(identities)
        .where(identities.c.person.in_(persons))
        .order_by(identities.c.since, identities.c.channel)
    )
    found: defaultdict[int, list[Identity]] = defaultdict(list)
    for row in await connection.execute(query):
        found[row.person].append(Identity(row.channel, row.user, row.chat, row.used))
    return found


def _ordered(known: list[Identity], chosen: str | None) -> tuple[Identity, ...]:
    """The chosen channel first, then the one used last; those never used at the end."""
    return tuple(
        sorted(
            known,
            key=lambda one: (one.channel != chosen, -(one.used.timestamp() if one.used else 0)),
        )
    )


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + _BATCH] for at in range(0, len(ids), _BATCH))


def _storable(text: str) -> bool:
    """Whether a database takes it: half a surrogate pair, which JSON may bring in, is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
