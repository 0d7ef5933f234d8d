"""Codes that join somebody to an agency, or link a channel to a person; and wrong guesses.

An invitation is 12 characters of 32 that cannot be mistaken for one another; the first two
are kept in the open to find the row by, the other ten (50 bits) only in the digest. A linking
code is six digits, lives for minutes, and dies with the fifth wrong guess of anybody. The
words of a code exist nowhere but in what is handed out.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.model import Role
from data.store.schema import codes, guesses

INVITATION_LASTS = timedelta(days=7)
LINK_LASTS = timedelta(minutes=15)
LINK_TRIES = 5
GUESSES = 5
GUESSES_LAST = timedelta(minutes=15)

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 12
_OPENING = 2
_DIGITS = 6
_INVITE, _LINK = "invite", "link"
_INVITATION_SHAPE = re.compile(rf"[{_ALPHABET}]{{{_LENGTH}}}")
_LINK_SHAPE = re.compile(rf"[0-9]{{{_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code gives: a role to whoever joins, or to be one with the `maker`.

    `role` is None for a linking code. `name` is what the inviting person called the guest.
    `maker` is None for an invitation made on the command line.
    """

    id: int
    maker: int | None
    plan: str = ""
    agency: str = ""
    role: Role | None = None
    name: str = ""


def invitation(typed: str) -> str | None:
    """The code in what was typed, with or without dashes; None if it cannot be one."""
    bare = re.sub(r"[\s.\-–—]+", "", typed).upper()
    return bare if _INVITATION_SHAPE.fullmatch(bare) else None


def link(typed: str) -> str | None:
    """The six digits in what was typed; None if it is no linking code."""
    bare = re.sub(r"[\s.\-–—]+", "", typed)
    return bare if _LINK_SHAPE.fullmatch(bare) else None


def grouped(code: str) -> str:
    """A code as people read it: "ABCD-EFGH-JKLM"."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


async def invite(
    connection: AsyncConnection,
    grant: Grant,
    at: datetime,
    lasts: timedelta = INVITATION_LASTS,
) -> str:
    """A new invitation for what `grant` says (its id counts for nothing)."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    await _store(connection, _INVITE, code[:_OPENING], code[_OPENING:], grant, at, at + lasts)
    return code


async def make_link(connection: AsyncConnection, person: int, at: datetime) -> str:
    """A new linking code in place of the person's earlier ones."""
    mine = (codes.c.purpose == _LINK, codes.c.maker == person)
    await connection.execute(delete(codes).where(*mine, codes.c.used.is_(None)))
    code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    await _store(connection, _LINK, "", code, Grant(0, person), at, at + LINK_LASTS)
    return code


async def open_to(connection: AsyncConnection, code: str, at: datetime) -> Grant | None:
    """What this code (from `invitation` or `link`) gives now; None for a wrong or old one."""
    linking = _LINK_SHAPE.fullmatch(code) is not None
    opening, secret = ("", code) if linking else (code[:_OPENING], code[_OPENING:])
    query = select(codes).where(
        _open(at), codes.c.purpose == (_LINK if linking else _INVITE), codes.c.opening == opening
    )
    for row in (await connection.execute(query)).all():
        digest = await _digest(secret, row.salt)
        if hmac.compare_digest(digest, row.digest):
            role = Role(row.role) if row.role else None
            return Grant(row.id, row.maker, row.plan, row.agency, role, row.name)
    return None


async def use(connection: AsyncConnection, grant: Grant, person: int, at: datetime) -> bool:
    """Uses a code up; False where somebody was quicker or its time is over."""
    using = update(codes).where(_open(at), codes.c.id == grant.id)
    values = {"used": at, "used_by": person}
    return (await connection.execute(using.values(values))).rowcount == 1


async def wrong(
    connection: AsyncConnection,
    code: str,
    channel: str,
    user: str,
    person: int | None,
    at: datetime,
) -> None:
    """Notes a wrong guess; one of six digits counts against every open linking code."""
    values = {"channel": channel, "user": user, "person": person, "at": at}
    await connection.execute(delete(guesses).where(guesses.c.at < at - GUESSES_LAST))
    await connection.execute(insert(guesses), values)
    if _LINK_SHAPE.fullmatch(code):
        spoilt = update(codes).where(_open(at), codes.c.purpose == _LINK)
        await connection.execute(spoilt.values(wrong=codes.c.wrong + 1))


async def guessed(
    connection: AsyncConnection, channel: str, user: str, person: int | None, at: datetime
) -> int:
    """How many wrong guesses this person made within the last quarter of an hour."""
    here = (guesses.c.channel == channel) & (guesses.c.user == user)
    mine = here if person is None else or_(here, guesses.c.person == person)
    recent = guesses.c.at.between(at - GUESSES_LAST, at + GUESSES_LAST)
    query = select(func.count()).select_from(guesses).where(mine, recent)
    return int(await connection.scalar(query) or 0)


def _open(at: datetime) -> ColumnElement[bool]:
    return codes.c.used.is_(None) & (codes.c.expires > at) & (codes.c.wrong < LINK_TRIES)


async def _store(
    connection: AsyncConnection,
    purpose: str,
    opening: str,
    secret: str,
    grant: Grant,
    at: datetime,
    expires: datetime,
) -> None:
    salt = secrets.token_hex(16)
    values = {
        "purpose": purpose,
        "opening": opening,
        "salt": salt,
        "digest": await _digest(secret, salt),
        "made": at,
        "expires": expires,
        "maker": grant.maker,
        "plan": grant.plan,
        "agency": grant.agency,
        "role": grant.role.value if grant.role else "",
        "name": grant.name,
        "wrong": 0,
    }
    await connection.execute(insert(codes), values)


async def _digest(secret: str, salt: str) -> str:
    """The scrypt digest: a few hundredths of a second, away from the event loop."""
    return await asyncio.to_thread(_scrypt, secret, salt)


def _scrypt(secret: str, salt: str) -> str:
    key = hashlib.scrypt(secret.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32)
    return key.hex()
