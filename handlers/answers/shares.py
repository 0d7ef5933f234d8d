"""An agency's share of a plan as it is shown: its sections, its notes, what it took over."""

from collections.abc import Sequence
from dataclasses import replace

from data.text.normalise import fold, words
from handlers.answers.desk import Ask, Desk, in_plan
from handlers.answers.heirs import basis, successor_note
from handlers.cards import Offer, Section
from handlers.selection import Inherited, Share
from handlers.understanding.question import Role
from handlers.wording import day, listing, say


def sections(desk: Desk, share: Share, with_plan: bool) -> list[Section]:
    """What an agency leads, co-operates in, took over and has in common with others."""
    plan = desk.cards.plan_name(share.plan) if with_plan else ""
    agency = desk.name(share.agency)
    parts = [
        Section(in_plan(say("section.lead", agency=agency), plan), share.lead),
        Section(in_plan(say("section.coordinating", agency=agency), plan), share.coordinating),
        *(Section(_inherited(desk, part), part.tasks) for part in share.inherited),
        Section(in_plan(say("section.common", agency=agency), plan), share.common),
    ]
    return [part for part in parts if part.tasks]


def _inherited(desk: Desk, part: Inherited) -> str:
    row = part.row
    old = desk.name(row.predecessor)
    return say("section.inherited", old=old, since=day(row.since), basis=basis(row))


def of_the_plan(ask: Ask, shares: Sequence[Share]) -> list[Share]:
    """The shares as the plan gave them; what was taken over since only where that is asked for
    or is all that there is."""
    if ask.question.has("today"):
        return list(shares)
    return [replace(s, inherited=()) if s.own else s for s in shares]


def notes(desk: Desk, ask: Ask, shares: Sequence[Share]) -> tuple[str, ...]:
    """Which plan is spoken of, whom it does not name, and who carries the duties today."""
    found = []
    if len(ask.plans) == 1:
        found.append(say("note.plan", plan=desk.cards.plan_name(ask.plans[0])))
    for share in shares:
        found += _not_in_role(desk, ask, share)
        names = {"agency": desk.name(share.agency), "plan": desk.cards.plan_name(share.plan)}
        if not share.own and share.inherited:
            old = listing(desk.name(part.row.predecessor) for part in share.inherited)
            found.append(say("note.heir", old=old, **names))
        elif not share.own and not desk.selector.named(share.agency, share.plan):
            found.append(say("note.not_named", **names))
    found += [note for key in ask.keys if (note := successor_note(desk, ask, key))]
    return tuple(dict.fromkeys(found))


def _not_in_role(desk: Desk, ask: Ask, share: Share) -> list[str]:
    """That an agency has no task in the role asked about, where its others are shown."""
    agency = desk.name(share.agency)
    if ask.question.role is Role.COORDINATING and share.lead and not share.coordinating:
        return [say("note.not_coordinating", agency=agency)]
    if ask.question.role is Role.LEAD and share.coordinating and not share.lead:
        return [say("note.not_leading", agency=agency)]
    return []


def offers(desk: Desk, ask: Ask, share: Share) -> tuple[Offer, ...]:
    """What an agency took over since; of one that the plan does not name, whoever has its name
    within theirs: Sở Văn hóa, Thể thao và Du lịch for Sở Du lịch."""
    if share.own:
        return inheritance(desk, ask, share)
    if share.inherited or desk.selector.named(share.agency, share.plan):
        return ()
    asked = set(words(fold(desk.name(share.agency))))
    names = {key: desk.name(key) for t in share.plan.tasks for key in t.lead}
    kin = (name for name in names.values() if asked < set(words(fold(name))))
    texts = (say("offer.agency", agency=name, province=share.plan.province) for name in kin)
    return tuple(Offer(text, text) for text in texts)


def inheritance(desk: Desk, ask: Ask, share: Share) -> tuple[Offer, ...]:
    """What an agency took over since, apart from what the plan gave it."""
    if ask.question.has("today") or ask.question.topic:
        return ()
    whole = desk.selector.share(share.agency, share.plan)
    province = share.plan.province
    asked = say("offer.inherited.ask", agency=desk.name(share.agency), province=province)
    return tuple(
        Offer(
            say(
                "offer.inherited",
                count=len(part.tasks),
                old=desk.name(part.row.predecessor),
                since=day(part.row.since),
            ),
            asked,
        )
        for part in whole.inherited
        if part.row.since <= ask.today
    )
