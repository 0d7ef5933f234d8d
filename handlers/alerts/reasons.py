"""What a row of the log is about, by whose wish it is there, and why it was not sent."""

from data.loading.library import Library
from data.reminders import Alert
from handlers.wording import say


def subject(alert: Alert, library: Library) -> str:
    """What a row of the log is about: a task with its clause, or a digest."""
    task = library.task(alert.task)
    if task is not None:
        plan = library.plans[task.plan]
        name = say("plan.name", province=plan.province, year=plan.year)
        return say("alerts.subject", title=task.title, clause=task.clause, plan=name)
    _, _, rest = alert.task.partition("/")
    name, _, agency = rest.partition("/")
    held = library.plans.get(name)
    shown = say("plan.name", province=held.province, year=held.year) if held else rest
    if agency:
        return say("alerts.subject.week", agency=library.directory.name(agency), plan=shown)
    return say("alerts.subject.digest", plan=shown)


def kind_words(kind: str) -> str:
    """ "nhắc trước 7 ngày"."""
    name, _, lead = kind.partition(".")
    if name == "before":
        return say("alerts.kind.day") if lead == "0" else say("alerts.kind.before", days=lead)
    return say(f"alerts.kind.{name}")


def why_words(why: str, library: Library) -> str:
    """By whose wish somebody is told: "cơ quan của đồng chí chủ trì: Sở Y tế"."""
    wish, _, absent = why.partition("|")
    scope, _, value = wish.partition(":")
    words = say(f"alerts.why.{scope}", value=_value(scope, value, library))
    return f"{words}, {say('alerts.why.instead')}" if absent else words


def reason_words(reason: str, library: Library) -> str:
    """Why something was not sent, or not yet."""
    name, _, value = reason.partition(":")
    if name == "muted":
        scope, _, value = value.partition(":")
        return say("alerts.reason.muted", value=_value(scope, value, library))
    if name == "blocked":
        return say("alerts.reason.blocked", name=library.directory.name(value))
    return say(f"alerts.reason.{name or 'waiting'}")


def _value(scope: str, value: str, library: Library) -> str:
    if scope in ("lead", "agency", "reports"):
        return library.directory.name(value) if value else say("alerts.everybody")
    task = library.task(value) if scope == "task" else None
    if task is not None:
        return f"{task.id} ({task.title})"
    plan = library.plans.get(value)
    if plan is not None:
        return say("plan.name", province=plan.province, year=plan.year)
    name, _, agency = value.partition("/")
    return _value("agency", agency, library) if agency else f"“{value}”" if name else value
