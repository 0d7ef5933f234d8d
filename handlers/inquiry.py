"""The conversation about the plans: a question, its follow-ups, its pages, its choices."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from data.loading.library import Library
from data.model import Person, Task
from data.search import TopicIndex
from data.text.dates import read_faulty
from data.text.normalise import fold
from handlers.answers.desk import Ask
from handlers.cards import Answer, Offer, Section
from handlers.dialogue import Context, advanced, restored, slots
from handlers.leaning import (
    ASKS_FACT,
    Leaning,
    asks_more,
    lean,
    of_both_places,
    spoken_of_before,
)
from handlers.messages import Message, Reply, ReplyKind
from handlers.pointing import beside, ordinal, ordinal_within
from handlers.questions import Answers
from handlers.understanding.question import Mention, Question, Want
from handlers.understanding.recognise import Recogniser
from handlers.wording import listing, say

State = dict[str, Any]
_REMEMBERED = 40
_FEW_AGENCIES = 3
_CLOSE = 0.6
_POINTING = re.compile(r"(?:\s+(?:ay|do|kia|nay|nhe|nha|a))*[\s.!]*$")
_TALK = frozenset({Want.GREETING, Want.THANKS, Want.FAREWELL, Want.HELP})


class Inquiry:
    """Answers questions in a conversation. Built once; all state comes in and goes out."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.index = TopicIndex(library.tasks())
        self.recogniser = Recogniser(library, self.index)
        self.answers = Answers(library, self.index, self.recogniser.kinds)

    def reply(
        self, message: Message, known: Context, person: Person | None = None
    ) -> tuple[Reply, State]:
        """The reply and the conversation's state after it; `person` is who asks, if known."""
        if message.press:
            return self._pressed(message, known)
        said = self.recogniser.speller.undoubled(message.text)
        number = ordinal(said, known.lines)
        opened = known.detour and not any("card" in doing for doing in known.doings)
        if opened and ordinal(said, 0) == 0 and (last := self._of_list_before(message, known, 0)):
            return self._do(message, known, last)
        if number is not None and 0 < number <= len(known.doings):
            return self._do(message, known, known.doings[number - 1])
        if number and (doing := self._of_list_before(message, known, number)):
            return self._do(message, known, doing)
        if number is not None:
            return self._no(message, known, say("number.unknown", number=number))
        if task := self._beside_shown(said, known):
            return self._do(message, known, {"card": task.ref})
        if (pointed := self._pointed_at(said, known, message.at.date())) is not None:
            chosen, rest = pointed
            return self._do(message, known, known.doings[chosen - 1], rest)
        return self._said(message, known, person)

    def _of_list_before(
        self, message: Message, known: Context, number: int
    ) -> Mapping[str, str] | None:
        """The line of the list from which a card was opened since; 0 is the last."""
        if not (known.detour and known.slots):
            return None
        answer = self._answered(message, known.slots)
        lines = self.answers.cards.render(answer, known.turn, known.offset).doings
        tasks = [doing for doing in lines if "card" in doing]
        return tasks[number - 1] if tasks and number <= len(tasks) else None

    def _beside_shown(self, said: str, known: Context) -> Task | None:
        """The task before or after the one just shown, in its plan's order."""
        step = beside(said)
        shown = self.library.task(known.shown[0]) if step and len(known.shown) == 1 else None
        if shown is None:
            return None
        tasks = self.library.plans[shown.plan].tasks
        at = tasks.index(shown) + step
        return tasks[at] if 0 <= at < len(tasks) else None

    def _pointed_at(self, said: str, known: Context, today: date) -> tuple[int, Question] | None:
        """The line of the last list that a sentence asks for, and what else it says: "nói rõ hơn
        việc thứ hai"; None where it names anything itself."""
        within = ordinal_within(said, known.lines) if known.doings else None
        if within is None or not 0 < within[0] <= len(known.doings):
            return None
        rest = self.recogniser.read(within[1], today, tuple(self.library.plans))
        named = rest.agencies or rest.clauses or rest.documents or rest.periods or rest.indicators
        return None if named or rest.provinces or rest.scope else (within[0], rest)

    def explain(self, text: str, today: date, plans: Sequence[str] = ()) -> Question:
        """How a text is read, before any conversation."""
        return self.recogniser.read(text, today, plans or tuple(self.library.plans))

    def _pressed(self, message: Message, known: Context) -> tuple[Reply, State]:
        turn, _, number = message.press.partition(".")
        if turn == str(known.turn) and number.isdigit() and 0 < int(number) <= len(known.doings):
            return self._do(message, known, known.doings[int(number) - 1])
        return self._show(message, known, Answer(say("press.old"), kind=ReplyKind.REFUSAL), None)

    def _do(
        self,
        message: Message,
        known: Context,
        doing: Mapping[str, str],
        asked: Question | None = None,
    ) -> tuple[Reply, State]:
        """What a number or a button of the last reply stands for; a fact of it, if `asked`."""
        if "ask" in doing:
            return self._said(replace(message, text=doing["ask"]), Context(turn=known.turn))
        if "more" in doing and known.slots:
            return self._again(message, known, known.slots, int(doing["more"]))
        if "pick" in doing and known.pending:
            return self._picked(message, known, int(doing["pick"]))
        ref = doing.get("card") or doing.get("quote", "")
        task = self.library.task(ref)
        if task is None:
            return self._said(message, Context(turn=known.turn))
        if asked and asked.want in ASKS_FACT:
            return self._about(message, known, replace(asked, topic=()), (task.ref,))
        quoted = "quote" in doing or (asked is not None and asked.has("quote"))
        answer = Answer(task.title, sections=(Section("", (task,)),), whole=quoted)
        return self._show(message, known, answer, None, focus=(task.ref,))

    def _again(
        self, message: Message, known: Context, data: Mapping[str, Any], offset: int
    ) -> tuple[Reply, State]:
        """The same question once more, from task number `offset` on."""
        return self._show(message, known, self._answered(message, data), None, offset)

    def _answered(self, message: Message, data: Mapping[str, Any]) -> Answer:
        """The answer to what the conversation kept as asked."""
        limit, today = self._limit(message), message.at.date()
        asked = [
            restored(part, self.recogniser, today, limit)
            for part in (*data.get("beside", ()), data)
        ]
        joint = self.answers.several(asked, limit, today) if len(asked) > 1 else None
        return joint or self.answers.answer(asked[-1], limit, today)

    def _limit(self, message: Message) -> tuple[str, ...]:
        if message.plan in self.library.plans:
            return (str(message.plan),)
        return tuple(self.library.plans)

    def _no(self, message: Message, known: Context, sentence: str) -> tuple[Reply, State]:
        return self._show(message, known, Answer(sentence, kind=ReplyKind.REFUSAL), None)

    def _said(
        self, message: Message, known: Context, person: Person | None = None
    ) -> tuple[Reply, State]:
        limit = self._limit(message)
        today = message.at.date()
        if impossible := read_faulty(message.text):
            return self._no(message, known, say("date.impossible", words=listing(impossible)))
        question = self.recogniser.read(message.text, today, limit)
        if question.has("mine") and not question.anchored:
            if person is None or not person.memberships:
                return self._no(message, known, say("mine.unknown"))
            question = _own(question, person)
        if known.pending and (number := self._chosen(question, known.pending)) is not None:
            return self._picked(message, known, number)
        if question.has("both") and not question.anchored and (known.pending or {}).get("keys"):
            return self._picked_all(message, known)
        if question.has("back") and not question.anchored:
            return self._back(message, known)
        returning = question.has("back") and not asks_more(question)
        if returning and (earlier := spoken_of_before(question, known)):
            told = self._answered(message, earlier)
            told = replace(told, whole=told.whole or question.has("quote"))
            return self._show(message, known, told, earlier)
        if question.has("more") and not question.anchored and known.slots:
            following = next((int(d["more"]) for d in known.doings if "more" in d), None)
            if following is not None or known.detour:
                return self._again(message, known, known.slots, following or 0)
        if of_both_places(question) and not known.pending:
            every = tuple(self.library.plans)
            question = replace(question, plans=every, cues=question.cues | {"instead"})
        before = known.pending["slots"] if known.pending else known.slots
        old = restored(before, self.recogniser, today, limit) if before else None
        leaning = lean(self._bare_fact(question, limit) if old else question, old, known)
        if focus := leaning.focus or self._report_shown(leaning.question, known):
            return self._about(message, known, leaning.question, focus)
        asked = self._answerable(leaning, limit, today)
        parts = self.recogniser.apart(asked, today, limit)
        return self._decide(message, known, asked, limit, parts)

    def _answerable(self, leaning: Leaning, limit: Sequence[str], today: date) -> Question:
        """The question filled in, or as it stands alone where only that has an answer."""
        if leaning.otherwise is None:
            return leaning.question
        told = self.answers.answer(leaning.question, limit, today)
        return leaning.question if told.kind is ReplyKind.ANSWER else leaning.otherwise

    def _report_shown(self, question: Question, known: Context) -> tuple[str, ...]:
        """The report just shown, where "báo cáo cho ai" names no other or points at it."""
        if question.has("that_report") and len(known.shown) == 1:
            return known.shown
        if question.want is not Want.RECIPIENTS or question.anchored or len(known.shown) != 1:
            return ()
        task = self.library.task(known.shown[0])
        return known.shown if task and task.recipients else ()

    def _bare_fact(self, question: Question, limit: Sequence[str]) -> Question:
        """A fact asked with a word of which the plans know nothing is asked of what was just
        spoken of. Several such words are a matter of their own: "sửa cầu vượt giao ai?"."""
        asks = question.want in ASKS_FACT or question.has("quote", "those")
        if not asks or question.missing or question.has("mention"):
            return question
        if len(question.loose) == len(question.topic):
            return replace(question, topic=(), topic_words="", loose=())
        if not question.has("those", "quote") and len(question.topic_words.split()) > 1:
            return question
        plans = self.answers.selector.plans(question, limit)
        if not question.topic or self.answers.selector.on_topic(question, plans):
            return question
        return replace(question, topic=(), topic_words="")

    def _decide(
        self,
        message: Message,
        known: Context,
        question: Question,
        limit: Sequence[str],
        parts: Sequence[Question] = (),
    ) -> tuple[Reply, State]:
        """An answer, to each of the parts where there are several; or a question back where a
        name fits several agencies."""
        named = {m.keys[0] for m in question.agencies if len(m.keys) == 1}
        unclear = next(
            (m for m in question.agencies if len(m.keys) > 1 and named.isdisjoint(m.keys)), None
        )
        if unclear and not question.scope:
            return self._choice(message, known, question, unclear, limit)
        answer = self.answers.answer(question, limit, message.at.date())
        joint = self.answers.several(parts, limit, message.at.date()) if parts else None
        if joint and not set(joint.tasks) <= set(answer.tasks):
            both = slots(parts[-1], limit) | {"beside": [slots(p, limit) for p in parts[:-1]]}
            return self._show(message, known, joint, both)
        if answer.kind is not ReplyKind.ANSWER and not question.scope:
            question, answer = self._cored(question, answer, limit, message.at.date())
        other = self._close_reading(question, answer, limit, message.at.date())
        if other is not None:
            return self._either(message, known, question, other, limit)
        talk = question.scope or question.want in _TALK or question.has("spared")
        kept = None if talk else slots(question, limit)
        return self._show(message, known, answer, kept)

    def _cored(
        self, question: Question, answer: Answer, limit: Sequence[str], today: date
    ) -> tuple[Question, Answer]:
        """The one clause that asks, and its answer that says so, where the whole has none."""
        core = self.recogniser.core(question, today, limit)
        told = self.answers.answer(core, limit, today) if core else answer
        if core is None or told.kind is not ReplyKind.ANSWER:
            return question, answer
        notes = (say("core.read", asked=core.text), *told.notes)
        return core, replace(told, notes=notes)

    def _close_reading(
        self, question: Question, answer: Answer, limit: Sequence[str], today: date
    ) -> Want | None:
        """The kind of question that is as likely meant and is answered with other tasks."""
        if not question.rivals or not answer.tasks:
            return None
        name, score = question.rivals[0]
        if question.score - score > _CLOSE:
            return None
        other = self.answers.answer(replace(question, want=Want(name)), limit, today)
        shown = {t.ref for t in answer.tasks}
        apart = other.tasks and shown.isdisjoint(t.ref for t in other.tasks)
        return Want(name) if apart and other.kind is ReplyKind.ANSWER else None

    def _either(
        self,
        message: Message,
        known: Context,
        question: Question,
        other: Want,
        limit: Sequence[str],
    ) -> tuple[Reply, State]:
        """Asks which of two kinds of question is meant."""
        wants = [question.want, other]
        titles = [self.recogniser.title(want) for want in wants]
        offers = tuple(Offer(title, title) for title in titles)
        answer = Answer(say("choice.kind"), kind=ReplyKind.CHOICE, offers=offers)
        pending = {"slots": slots(question, limit), "keys": [], "wants": [w.value for w in wants]}
        return self._ask_back(message, known, answer, pending)

    def _ask_back(
        self, message: Message, known: Context, answer: Answer, pending: Mapping[str, Any]
    ) -> tuple[Reply, State]:
        """Puts a choice; `pending` is what is needed to go on with the one picked."""
        reply, state = self._show(message, known, answer, None)
        state["pending"] = dict(pending)
        state["doings"] = [{"pick": str(i)} for i in range(len(answer.offers))]
        return reply, state

    def _choice(
        self,
        message: Message,
        known: Context,
        question: Question,
        unclear: Mention,
        limit: Sequence[str],
    ) -> tuple[Reply, State]:
        names = [self.library.directory.name(k) for k in unclear.keys]
        offers = tuple(Offer(name, name) for name in names)
        answer = Answer(
            say("choice.agency", name=unclear.words), kind=ReplyKind.CHOICE, offers=offers
        )
        pending = {"slots": slots(question, limit), "keys": list(unclear.keys)}
        return self._ask_back(message, known, answer, pending)

    def _chosen(self, question: Question, pending: Mapping[str, Any]) -> int | None:
        """The option that the words name, if they name just one and ask nothing new."""
        keys = pending["keys"]
        named = [k for m in question.agencies for k in m.keys if k in keys]
        if len(set(named)) == 1 and not question.topic:
            return int(keys.index(named[0]))
        said = set(_POINTING.sub("", fold(question.text)).split())
        names = [set(fold(self.library.directory.name(key)).split()) for key in keys]
        fitting = [i for i, name in enumerate(names) if said and said <= name]
        return fitting[0] if len(fitting) == 1 and len(" ".join(said)) > 3 else None

    def _picked(self, message: Message, known: Context, at: int) -> tuple[Reply, State]:
        pending = known.pending or {}
        limit = self._limit(message)
        question = restored(pending["slots"], self.recogniser, message.at.date(), limit)
        if wants := pending.get("wants"):
            return self._decide(message, known, replace(question, want=Want(wants[at])), limit)
        key = pending["keys"][at]
        mentions = tuple(
            Mention((key,), m.words, m.start, m.end) if key in m.keys and len(m.keys) > 1 else m
            for m in question.agencies
        )
        return self._decide(message, known, replace(question, agencies=mentions), limit)

    def _picked_all(self, message: Message, known: Context) -> tuple[Reply, State]:
        """All that was put to choose from: "cả hai"."""
        pending = known.pending or {}
        limit = self._limit(message)
        question = restored(pending["slots"], self.recogniser, message.at.date(), limit)
        chosen = tuple(Mention((key,), key, 0, 0) for key in pending["keys"])
        return self._decide(message, known, replace(question, agencies=chosen), limit)

    def _about(
        self, message: Message, known: Context, question: Question, refs: Sequence[str]
    ) -> tuple[Reply, State]:
        """A fact asked about the tasks that were just shown."""
        tasks = tuple(t for ref in refs if (t := self.library.task(ref)))
        plans = tuple(p for p in self.library.plans.values() if any(t.plan == p.id for t in tasks))
        kept = self.answers.selector.keeper(question)(tasks)
        if not kept and question.has("mention"):
            return self._no(message, known, say("those.none", topic=question.topic_words))
        ask = Ask(question, plans, (), message.at.date())
        answer = self.answers.about(ask, kept or tasks)
        return self._show(message, known, answer, None, focus=[t.ref for t in kept] or refs)

    def _back(self, message: Message, known: Context) -> tuple[Reply, State]:
        if known.detour and known.slots:
            return self._again(message, known, known.slots, 0)
        if not known.before:
            return self._show(
                message, known, Answer(say("back.none"), kind=ReplyKind.REFUSAL), None
            )
        previous = replace(known, before=known.before[:-1], slots=None)
        answer = self._answered(message, known.before[-1])
        return self._show(message, previous, answer, known.before[-1])

    def _show(
        self,
        message: Message,
        known: Context,
        answer: Answer,
        data: Mapping[str, Any] | None,
        offset: int | None = None,
        focus: Sequence[str] = (),
    ) -> tuple[Reply, State]:
        rendered = self.answers.cards.render(answer, known.turn + 1, offset or 0)
        page = known.offset if offset is None and data is None else offset or 0
        after = advanced(
            known,
            message.at,
            data,
            shown=tuple(focus) or (rendered.shown if answer.tasks else known.shown),
            refs=tuple(t.ref for t in answer.tasks[:_REMEMBERED]) or known.refs,
            agencies=answer.agencies[:_FEW_AGENCIES] or known.agencies,
            doings=rendered.doings,
            offset=page,
        )
        return rendered.reply, after.to_json()


def _own(question: Question, person: Person) -> Question:
    """The question about "our tasks" as one about the agencies that the person serves."""
    serving = [m for m in person.memberships if m.agency]
    keys = dict.fromkeys(m.agency for m in serving)
    return replace(
        question,
        want=Want.TASKS if question.want is Want.HELP else question.want,
        agencies=tuple(Mention((key,), key, 0, 0) for key in keys),
        plans=question.plans or tuple(dict.fromkeys(m.plan for m in serving)),
    )
