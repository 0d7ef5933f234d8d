"""One message about tasks with all that it is dealt with by, and what it may find waiting."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from data.model import Person
from data.record import Act
from handlers.messages import Message
from handlers.permissions import Action
from handlers.pointing import ordinal
from handlers.updates.proposals import Pending
from handlers.updates.reading import Say
from handlers.updates.workflow import PRESS

if TYPE_CHECKING:
    from data.store.proposals import Proposal
    from data.store.work import Work

WAITS = timedelta(minutes=30)
"""How long a confirmation awaits its yes."""
RATE, RATE_WITHIN = 20, timedelta(minutes=5)
"""How many updates one person may begin within that time."""
ACTIONS = {
    Say.UPDATE: (Act.UPDATE, Action.UPDATE),
    Say.EXTEND: (Act.EXTEND, Action.ASK_EXTENSION),
    Say.CONFIRM: (Act.CONFIRM, Action.CONFIRM_TASK),
    Say.RETURN: (Act.RETURN, Action.RETURN),
    Say.PRESS: (Act.PRESS, Action.PRESS),
    Say.SUBTASK: (Act.SUBTASK, Action.ADD_SUBTASK),
    Say.COMMENT: (Act.COMMENT, Action.COMMENT),
    Say.GRANT: (Act.GRANT, Action.DECIDE_EXTENSION),
    Say.REFUSE: (Act.REFUSE, Action.DECIDE_EXTENSION),
}
"""What is entered for what is said, and the right that it takes."""
ACTION_OF = dict(ACTIONS.values())


@dataclass(frozen=True, slots=True)
class Scene:
    """What the conversation spoke of last: the tasks shown, by ref, and what numbers do.

    `replied` are the tasks of the message that this one answers, where that is known.
    """

    shown: tuple[str, ...] = ()
    doings: tuple[Mapping[str, str], ...] = ()
    replied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message with all that it is dealt with by."""

    message: Message
    person: Person
    work: "Work"
    scene: Scene

    @property
    def today(self) -> date:
        """The day of the message."""
        return self.message.at.date()


def action_of(message: Message, scene: Scene) -> str:
    """The action of the button pressed, or of the number typed where it is one of ours."""
    if message.press:
        return message.press
    number = ordinal(message.text, len(scene.doings))
    if number is None or not 0 < number <= len(scene.doings):
        return ""
    return scene.doings[number - 1].get("press", "")


def just_asked(scene: Scene) -> bool:
    """Whether the last reply asked whether something is right."""
    return any(doing.get("press", "").startswith(f"{PRESS}yes.") for doing in scene.doings)


def held_in(waiting: "Proposal") -> Pending:
    """The update that awaits its yes."""
    return Pending.from_json(json.loads(waiting.body))


async def awaiting(turn: Turn, *, old: bool = False) -> "Proposal | None":
    """What awaits this person's yes and is not too old for it, unless old ones count."""
    from data.store import proposals

    message = turn.message
    async with turn.work.reading() as reading:
        found = await proposals.waiting(reading, message.channel, message.chat, message.user)
    return found if found and (old or message.at - found.at <= WAITS) else None


async def too_fast(turn: Turn) -> bool:
    """Whether this person began too many updates of late."""
    from data.store import proposals

    message = turn.message
    async with turn.work.reading() as reading:
        made = await proposals.made_since(
            reading, message.channel, message.user, message.at - RATE_WITHIN
        )
    return made >= RATE


def cut(text: str) -> str:
    """A note as it is kept: on one line, and not too long."""
    return " ".join(text.split())[:2000]
