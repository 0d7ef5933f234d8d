"""What was last spoken of in a chat, as JSON text that the handlers understand."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import conversations


async def load(connection: AsyncConnection, channel: str, chat: str) -> str | None:
    """The state of a chat; None for one never heard of."""
    state: str | None = await connection.scalar(
        select(conversations.c.state).where(
            conversations.c.channel == channel, conversations.c.chat == chat
        )
    )
    return state


async def save(
    connection: AsyncConnection, channel: str, chat: str, state: str, at: datetime
) -> None:
    """Puts the state in place of the last one."""
    changed = await connection.execute(
        update(conversations)
        .where(conversations.c.channel == channel, conversations.c.chat == chat)
        .values(state=state, at=at)
    )
    if not changed.rowcount:
        await connection.execute(
            insert(conversations).values(channel=channel, chat=chat, state=state, at=at)
        )


async def forget(connection: AsyncConnection, channel: str, chat: str) -> None:
    """Removes the state of a chat."""
    await connection.execute(
        delete(conversations).where(
            conversations.c.channel == channel, conversations.c.chat == chat
        )
    )


async def forget_before(connection: AsyncConnection, at: datetime) -> None:
    """Removes every chat that was silent since `at`."""
    await connection.execute(delete(conversations).where(conversations.c.at < at))
