"""Who writes, as a listener; and replies of one bubble."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from data.errors import StoreBrokenError
from data.model import Person
from data.reminders import Listener
from handlers.failures import failure
from handlers.messages import Bubble, Choice, Line, Message, Reply, ReplyKind

if TYPE_CHECKING:
    from data.store.people import Connection


async def known(
    connection: "Connection", message: Message, person: Person | None
) -> Listener | None:
    """The listener who writes; None for somebody who never asked for anything."""
    from data.store.alerts import listeners

    if person is not None and (found := await listeners.of_person(connection, person.id)):
        return found
    return await listeners.of_user(connection, message.channel, message.user)


async def made(connection: "Connection", message: Message, person: Person | None) -> Listener:
    """The listener who writes, made where there is none; what is announced today is past."""
    from data.store.alerts import listeners

    if found := await known(connection, message, person):
        return found
    covered = message.at.date()
    if person is not None:
        return await listeners.add(
            connection, covered=covered - timedelta(days=1), person=person.id
        )
    return await listeners.add(
        connection,
        covered=covered,
        channel=message.channel,
        user=message.user,
        chat=message.chat,
    )


def answer(
    kind: ReplyKind, lines: Iterable[str], choices: Sequence[tuple[str, str]] = ()
) -> Reply:
    """A reply of one bubble; `choices` are (label, action), one in a row."""
    rows = tuple(
        (Choice(number, label, action),) for number, (label, action) in enumerate(choices, 1)
    )
    return Reply(kind, (Bubble(tuple(Line(line) for line in lines), rows),))


def no_store() -> Reply:
    """What is said where nothing can be remembered."""
    return failure(StoreBrokenError("there is no store"))
