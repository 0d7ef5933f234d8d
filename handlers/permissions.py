"""Who may do what, and which rule said so. `RULES` is the one table of rights.

Whatever no rule allows is refused. A rule holds for a role in one plan, towards tasks that the
person's own agency carries, co-operates in, or has no part in (`Relation`). Rules without a
role hold for everybody, guests included. The channel plays no part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from data.loading.library import Library
from data.model import Membership, Person, Plan, Role, Task
from data.text.normalise import slug
from handlers.messages import Bubble, Line, Reply, ReplyKind
from handlers.wording import listing, say


class Action(StrEnum):
    """What somebody may want to do."""

    READ = "read"
    SUBSCRIBE = "subscribe"
    SEE_STATUS = "see_status"
    UPDATE = "update"
    COMMENT = "comment"
    ASK_EXTENSION = "ask_extension"
    ADD_SUBTASK = "add_subtask"
    CONFIRM_TASK = "confirm_task"
    RETURN = "return"
    DECIDE_EXTENSION = "decide_extension"
    PRESS = "press"
    EXPORT = "export"
    EXPORT_OWN = "export_own"
    INVITE = "invite"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_PLANS = "manage_plans"


class Relation(StrEnum):
    """What a person's agency has to do with a task, or is to the agency spoken of."""

    OWN = "own"
    COORDINATING = "coordinating"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. `role` None means everybody."""

    name: str
    role: Role | None
    relations: frozenset[Relation]
    actions: frozenset[Action]


def _rule(name: str, role: Role | None, relations: Iterable[Relation], *actions: Action) -> Rule:
    return Rule(name, role, frozenset(relations), frozenset(actions))


RULES: tuple[Rule, ...] = (
    _rule("everybody-reads-the-plan", None, Relation, Action.READ, Action.SUBSCRIBE),
    _rule(
        "official-works-on-what-the-agency-carries",
        Role.OFFICIAL,
        [Relation.OWN],
        Action.SEE_STATUS,
        Action.UPDATE,
        Action.COMMENT,
        Action.ASK_EXTENSION,
        Action.ADD_SUBTASK,
    ),
    _rule(
        "official-comments-where-the-agency-cooperates",
        Role.OFFICIAL,
        [Relation.COORDINATING],
        Action.SEE_STATUS,
        Action.COMMENT,
    ),
    _rule("official-takes-own-receipts", Role.OFFICIAL, Relation, Action.EXPORT_OWN),
    _rule(
        "coordinator-follows-the-whole-plan",
        Role.COORDINATOR,
        Relation,
        Action.SEE_STATUS,
        Action.COMMENT,
        Action.CONFIRM_TASK,
        Action.RETURN,
        Action.DECIDE_EXTENSION,
        Action.PRESS,
        Action.EXPORT,
        Action.EXPORT_OWN,
    ),
    _rule("coordinator-invites-officials", Role.COORDINATOR, Relation, Action.INVITE),
    _rule(
        "leader-reads-all-and-presses",
        Role.LEADER,
        Relation,
        Action.SEE_STATUS,
        Action.PRESS,
        Action.EXPORT,
        Action.EXPORT_OWN,
    ),
    _rule(
        "admin-keeps-people-and-plans",
        Role.ADMIN,
        Relation,
        Action.SEE_STATUS,
        Action.INVITE,
        Action.MANAGE_PEOPLE,
        Action.MANAGE_PLANS,
    ),
)
"""INVITE is for officials; an invitation to any other role takes MANAGE_PEOPLE."""


class Denial(StrEnum):
    """Why no rule allows it."""

    GUEST = "guest"
    ROLE = "role"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Decision:
    """`rule` names what allowed it, `by` the membership it rests on (None for everybody's).

    Where it is refused, `denial` says why and `rule` is empty.
    """

    allowed: bool
    action: Action
    rule: str = ""
    by: Membership | None = None
    denial: Denial | None = None


def rule_for(role: Role | None, relation: Relation, action: Action) -> str | None:
    """The rule that allows it; None if none does. No role is a guest."""
    for rule in RULES:
        if rule.role in (None, role) and relation in rule.relations and action in rule.actions:
            return rule.name
    return None


def relation(agency: str, task: Task, library: Library, today: date) -> Relation:
    """What an agency has to do with a task on that day.

    It carries a task if it leads it, belongs to a group that the clause binds, or took over
    from such an agency by then. A task that names nobody is carried by the plan's coordinator.
    """
    plan = library.plans.get(task.plan)
    stands_for = _stands_for(agency, library, plan, today)
    carrying = task.responsible or ((plan.coordinator,) if plan else ())
    if not stands_for.isdisjoint(carrying):
        return Relation.OWN
    if not stands_for.isdisjoint(task.coordinating):
        return Relation.COORDINATING
    return Relation.OTHER


def may(
    person: Person | None, action: Action, task: Task, library: Library, today: date
) -> Decision:
    """Whether a person may do this with a task."""
    relations = {
        held: relation(held.agency, task, library, today)
        for held in _roles(person, task.plan)
        if held.agency
    }
    return _decide(person, action, task.plan, relations)


def may_in(person: Person | None, action: Action, plan: str, agency: str = "") -> Decision:
    """Whether a person may do this in a plan, or towards one of its agencies."""
    relations = {
        held: Relation.OWN for held in _roles(person, plan) if agency and held.agency == agency
    }
    return _decide(person, action, plan, relations)


def visible(
    person: Person | None, tasks: Iterable[Task], library: Library, today: date
) -> tuple[Task, ...]:
    """Those of the tasks whose status the person may see."""
    return tuple(
        task for task in tasks if may(person, Action.SEE_STATUS, task, library, today).allowed
    )


def refusal(decision: Decision, library: Library, task: Task | None = None) -> Reply:
    """What a person is told whom the table refuses."""
    return Reply(ReplyKind.REFUSAL, (Bubble((Line(reason(decision, library, task)),)),))


def reason(decision: Decision, library: Library, task: Task | None = None) -> str:
    """Why a decision is a refusal, in one or two sentences."""
    doing = say(f"permission.action.{decision.action}")
    held = decision.by
    if decision.denial is Denial.GUEST or held is None:
        return say("permission.guest", doing=doing)
    if decision.denial is Denial.ROLE:
        return say("permission.role", doing=doing, role=say(f"role.{held.role}"))
    directory = library.directory
    carrying = listing(directory.name(key) for key in task.responsible) if task else ""
    key = "permission.agency.named" if carrying else "permission.agency"
    return say(key, doing=doing, own=directory.name(held.agency), agencies=carrying)


def _decide(
    person: Person | None, action: Action, plan: str, relations: Mapping[Membership, Relation]
) -> Decision:
    """The first role that allows it; else why the strongest one does not."""
    if rule := rule_for(None, Relation.OTHER, action):
        return Decision(True, action, rule)
    roles = _roles(person, plan)
    for held in roles:
        if rule := rule_for(held.role, relations.get(held, Relation.OTHER), action):
            return Decision(True, action, rule, held)
    if not roles:
        return Decision(False, action, denial=Denial.GUEST)
    for held in roles:
        if any(rule_for(held.role, each, action) for each in Relation):
            return Decision(False, action, by=held, denial=Denial.AGENCY)
    return Decision(False, action, by=roles[0], denial=Denial.ROLE)


def _roles(person: Person | None, plan: str) -> tuple[Membership, ...]:
    return tuple(m for m in person.memberships if m.plan == plan) if person else ()


def _stands_for(agency: str, library: Library, plan: Plan | None, today: date) -> frozenset[str]:
    """The keys that mean this agency: its own, its predecessors' by then, and their groups."""
    directory = library.directory
    rows = directory.predecessors(agency, slug(plan.province) if plan else None)
    keys = [agency, *(row.predecessor for row in rows if row.since <= today)]
    return frozenset([*keys, *(group for key in keys for group in directory.groups_of(key))])
