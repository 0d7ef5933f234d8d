"""The one door to the record for the router: updates first, then questions on the state."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from data.loading.library import Library
from data.model import Person
from data.search import TopicIndex
from handlers.dialogue import Context
from handlers.messages import Message, Reply
from handlers.understanding.recognise import Recogniser
from handlers.updates.conversation import Updates
from handlers.updates.state_questions import StatusQuestions
from handlers.updates.turns import Scene

if TYPE_CHECKING:
    from data.store.work import Work

State = dict[str, Any]


class Reporting:
    """Takes what is said and asked of the state of tasks. Built once."""

    def __init__(self, library: Library, index: TopicIndex, recogniser: Recogniser) -> None:
        self.updates = Updates(library, index, recogniser)
        self.questions = StatusQuestions(library, index, recogniser)

    async def handle(
        self,
        message: Message,
        person: Person | None,
        work: "Work | None",
        known: Context,
        replied: Sequence[str] = (),
    ) -> Reply | None:
        """The reply; None where the message is a question on the plans, or none of ours.

        `replied` are the refs of the tasks in the message that this one answers, where that
        is known. The buttons of the reply carry all they need themselves.
        """
        scene = Scene(known.shown, known.doings, tuple(replied))
        said = await self.updates.handle(message, person, work, scene)
        if said is None:
            said = await self.questions.handle(message, person, work, scene)
        return said.reply if said else None

    async def dressed(
        self,
        reply: Reply,
        after: State | None,
        message: Message,
        person: Person | None,
        work: "Work | None",
    ) -> tuple[Reply, State | None]:
        """An answer from the plans with the state of its tasks, as far as the person may see
        it, and the three buttons on the card of a task that the person may update."""
        doings = (after or {}).get("doings", ())
        reply, more = await self.questions.dressed(reply, doings, message, person, work)
        if after is not None and len(more) > len(doings):
            after = {**after, "doings": [dict(each) for each in more]}
        return reply, after
