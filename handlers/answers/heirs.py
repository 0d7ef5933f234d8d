"""Who carries on for an agency or a province that is no more: since when, by which act."""

from data.model import Certainty, Succession
from data.text.normalise import slug
from handlers.answers.desk import Ask, Desk
from handlers.cards import Answer
from handlers.wording import day, say


def heirs(desk: Desk, ask: Ask) -> Answer:
    """Who carries an agency's duties today; without an agency, a province's."""
    if not ask.keys:
        return _province_heirs(desk, ask)
    lines: list[str] = []
    keys: list[str] = []
    for key in ask.keys:
        for plan in ask.plans:
            province = slug(plan.province)
            rows = desk.library.directory.successors(key, province, doubtful=True)
            lines += [_line(desk, r) for r in rows]
            lines += [r.note for r in rows if r.note and r.certainty is not Certainty.SURE]
            keys += desk.library.directory.heirs(key, province)
    lines = list(dict.fromkeys(lines))
    if not lines:
        return Answer(say("heirs.none", agency=desk.names(ask.keys)))
    if not keys:
        return Answer(lines[0], tuple(lines[1:]))
    named = tuple(dict.fromkeys(keys))
    return Answer(say("heirs.answer", agencies=desk.names(named)), tuple(lines), agencies=named)


def _line(desk: Desk, row: Succession) -> str:
    return say(
        "heirs.line" if row.successor else "note.no_heir",
        agency=desk.name(row.predecessor),
        new=desk.name(row.successor or ""),
        since=day(row.since),
        basis=basis(row),
    )


def basis(row: Succession) -> str:
    """The act by which one agency follows another, and whether that is still to be confirmed."""
    if not row.basis or row.certainty is Certainty.SURE:
        return row.basis or say("basis.unknown")
    return say("basis.unconfirmed", basis=row.basis)


def _province_heirs(desk: Desk, ask: Ask) -> Answer:
    """Which province carries on, since when, by which act."""
    lines = []
    for province in ask.question.provinces:
        place = desk.library.directory.provinces[province]
        if place.successor is None:
            lines.append(say("heirs.none", agency=place.name))
            continue
        lines.append(
            say(
                "heirs.line",
                agency=place.name,
                new=place.successor.name,
                since=day(place.successor.since),
                basis=place.successor.basis,
            )
        )
    return Answer(lines[0], tuple(lines[1:]))


def successor_note(desk: Desk, ask: Ask, key: str) -> str:
    """Who carries the duties today, where the message is of a day after the change, and what of
    that is still to be confirmed."""
    for plan in ask.plans:
        province = slug(plan.province)
        rows = desk.library.directory.successors(key, province)
        past = [row for row in rows if row.since <= ask.today]
        if not past:
            continue
        if past[0].successor is None:
            return say("note.no_heir", agency=desk.name(key), since=day(past[0].since))
        keys = desk.library.directory.heirs(key, province)
        if not keys or keys == (key,):
            continue
        last = next((row for row in reversed(past) if row.successor in keys), past[-1])
        said = say(
            "note.successor",
            agency=desk.name(key),
            new=desk.names(keys),
            since=day(last.since),
            basis=basis(last),
        )
        every = desk.library.directory.successors(key, province, doubtful=True)
        parted = say("note.parted") if len(every) > len(rows) else ""
        return " ".join(filter(None, (said, parted)))
    return ""
