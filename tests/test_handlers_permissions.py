from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest

from data.loading.library import Library, load_library
from data.model import Membership, Person, Role, Task
from data.store import people
from data.store.database import Database
from data.store.work import Work
from handlers.permissions import (
    RULES,
    Action,
    Decision,
    Denial,
    Relation,
    may,
    may_in,
    reason,
    refusal,
    relation,
    rule_for,
    visible,
)

PLAN = "lang-son-2021"
CHANNELS = ("telegram", "zalo", "web", "console")
DAY = date(2021, 3, 1)
AT = datetime(2021, 3, 1, 1, tzinfo=UTC)
ALL = "own coordinating other"

MATRIX: dict[Role | None, dict[Action, str]] = {
    None: {Action.READ: ALL, Action.SUBSCRIBE: ALL},
    Role.OFFICIAL: {
        Action.READ: ALL,
        Action.SUBSCRIBE: ALL,
        Action.SEE_STATUS: "own coordinating",
        Action.UPDATE: "own",
        Action.COMMENT: "own coordinating",
        Action.ASK_EXTENSION: "own",
        Action.ADD_SUBTASK: "own",
        Action.EXPORT_OWN: ALL,
    },
    Role.COORDINATOR: {
        Action.READ: ALL,
        Action.SUBSCRIBE: ALL,
        Action.SEE_STATUS: ALL,
        Action.COMMENT: ALL,
        Action.CONFIRM_TASK: ALL,
        Action.RETURN: ALL,
        Action.DECIDE_EXTENSION: ALL,
        Action.PRESS: ALL,
        Action.EXPORT: ALL,
        Action.EXPORT_OWN: ALL,
        Action.INVITE: ALL,
    },
    Role.LEADER: {
        Action.READ: ALL,
        Action.SUBSCRIBE: ALL,
        Action.SEE_STATUS: ALL,
        Action.PRESS: ALL,
        Action.EXPORT: ALL,
        Action.EXPORT_OWN: ALL,
    },
    Role.ADMIN: {
        Action.READ: ALL,
        Action.SUBSCRIBE: ALL,
        Action.SEE_STATUS: ALL,
        Action.INVITE: ALL,
        Action.MANAGE_PEOPLE: ALL,
        Action.MANAGE_PLANS: ALL,
    },
}
"""What the project promised, written down apart from the table that is tested."""

AGENCIES = {
    Relation.OWN: "so-y-te",
    Relation.COORDINATING: "bao-hiem-xa-hoi",
    Relation.OTHER: "so-tu-phap",
}


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def task(library: Library) -> Task:
    found = library.task(f"{PLAN}/5k")
    assert found
    return replace(
        found,
        lead=(AGENCIES[Relation.OWN],),
        coordinating=(AGENCIES[Relation.COORDINATING],),
        addressed=(),
    )


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await database.open()
    async with Work(database) as work:
        yield work
    await database.close()


def holding(*roles: tuple[Role, str], plan: str = PLAN) -> Person:
    held = [Membership(n, plan, agency, role) for n, (role, agency) in enumerate(roles)]
    return Person(1, "Trần Thị B", tuple(held))


def expected(role: Role | None, towards: Relation, action: Action) -> bool:
    return towards.value in MATRIX[role].get(action, "").split()


@pytest.mark.parametrize(("role", "towards"), list(product([None, *Role], Relation)))
async def test_whole_matrix_on_every_channel(
    work: Work, library: Library, task: Task, role: Role | None, towards: Relation
) -> None:
    """Each person is looked up as on a message of each channel."""
    connection = await work.begin()
    id = await people.add(connection, "Trần Thị B", AT)
    if role:
        await people.enrol(connection, id, PLAN, AGENCIES[towards], role, AT)
    for channel in CHANNELS:
        await people.add_identity(connection, id, channel, "7", "7", AT)
        person = await people.person(work, channel, "7")
        assert person is not None
        for action in Action:
            decision = may(person, action, task, library, DAY)
            assert decision.allowed is expected(role, towards, action), (channel, action)
            assert bool(decision.rule) is decision.allowed
            assert (decision.denial is None) is decision.allowed


@pytest.mark.parametrize("action", list(Action))
def test_guest_has_only_what_everybody_has(library: Library, task: Task, action: Action) -> None:
    for guest in (None, holding(), holding((Role.LEADER, "so-y-te"), plan="binh-duong-2019")):
        decision = may(guest, action, task, library, DAY)
        assert decision.allowed is (action in (Action.READ, Action.SUBSCRIBE))
        assert decision.denial is (None if decision.allowed else Denial.GUEST)


def test_every_rule_is_named_once_and_lets_something_be_done() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.actions and rule.relations for rule in RULES)
    for role in Role:
        assert any(rule.role is role for rule in RULES)


def test_decision_names_the_rule_and_the_role_it_rests_on(library: Library, task: Task) -> None:
    person = holding((Role.OFFICIAL, "so-tu-phap"), (Role.OFFICIAL, "so-y-te"))
    decision = may(person, Action.UPDATE, task, library, DAY)
    assert decision == Decision(
        True,
        Action.UPDATE,
        "official-works-on-what-the-agency-carries",
        person.memberships[1],
    )


def test_role_reaches_no_further_than_its_plan(library: Library) -> None:
    elsewhere = next(t for t in library.plans["binh-duong-2019"].tasks if "so-y-te" in t.lead)
    person = holding((Role.OFFICIAL, "so-y-te"))
    decision = may(person, Action.UPDATE, elsewhere, library, DAY)
    assert decision.denial is Denial.GUEST


def test_two_agencies_of_one_person_count_both(library: Library, task: Task) -> None:
    person = holding((Role.OFFICIAL, "so-tu-phap"), (Role.OFFICIAL, "bao-hiem-xa-hoi"))
    assert may(person, Action.COMMENT, task, library, DAY).allowed
    assert not may(person, Action.UPDATE, task, library, DAY).allowed


def test_duty_of_a_group_binds_its_members(library: Library, task: Task) -> None:
    common = replace(task, lead=(), coordinating=(), addressed=("cac-so-ban-nganh",))
    assert relation("so-y-te", common, library, DAY) is Relation.OWN
    assert relation("hoi-nong-dan", common, library, DAY) is Relation.OTHER


def test_task_that_names_nobody_is_the_coordinating_agencys(library: Library) -> None:
    aim = library.task(f"{PLAN}/I1.1")
    assert aim is not None
    assert not aim.responsible
    assert relation("so-ke-hoach-va-dau-tu", aim, library, DAY) is Relation.OWN
    assert relation("so-y-te", aim, library, DAY) is Relation.OTHER


def test_successor_carries_on_from_the_day_it_took_over(library: Library, task: Task) -> None:
    old = replace(task, lead=("so-ke-hoach-va-dau-tu",))
    assert relation("so-tai-chinh", old, library, date(2021, 3, 1)) is Relation.OTHER
    assert relation("so-tai-chinh", old, library, date(2025, 12, 1)) is Relation.OWN


def test_role_without_agency_reads_all_and_carries_nothing(library: Library, task: Task) -> None:
    leader = holding((Role.LEADER, ""))
    assert may(leader, Action.SEE_STATUS, task, library, DAY).allowed
    assert not may(leader, Action.UPDATE, task, library, DAY).allowed


def test_rights_towards_an_agency() -> None:
    official = holding((Role.OFFICIAL, "so-y-te"))
    assert may_in(official, Action.SEE_STATUS, PLAN, "so-y-te").allowed
    assert not may_in(official, Action.SEE_STATUS, PLAN, "so-tu-phap").allowed
    assert not may_in(official, Action.SEE_STATUS, PLAN).allowed
    assert may_in(holding((Role.LEADER, "")), Action.PRESS, PLAN, "so-y-te").allowed


def test_status_is_shown_only_of_tasks_one_may_see(library: Library) -> None:
    tasks = library.plans[PLAN].tasks
    assert visible(None, tasks, library, DAY) == ()
    assert visible(holding((Role.COORDINATOR, "")), tasks, library, DAY) == tasks
    mine = visible(holding((Role.OFFICIAL, "so-y-te")), tasks, library, DAY)
    assert {"5k"} <= {t.id for t in mine}
    assert all(relation("so-y-te", t, library, DAY) is not Relation.OTHER for t in mine)


@pytest.mark.parametrize(
    ("person", "action", "words"),
    [
        (None, Action.UPDATE, ["cập nhật tiến độ", "mã mời"]),
        (holding((Role.LEADER, "")), Action.UPDATE, ["lãnh đạo", "cập nhật tiến độ"]),
        (holding((Role.OFFICIAL, "so-tu-phap")), Action.UPDATE, ["Sở Y tế", "Sở Tư pháp"]),
        (holding((Role.OFFICIAL, "so-y-te")), Action.CONFIRM_TASK, ["xác nhận kết quả"]),
    ],
)
def test_refusal_says_why(
    library: Library, task: Task, person: Person | None, action: Action, words: list[str]
) -> None:
    decision = may(person, action, task, library, DAY)
    text = refusal(decision, library, task).text
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(("role", "action"), list(product([None, *Role], Action)))
def test_every_refusal_has_a_sentence(
    library: Library, task: Task, role: Role | None, action: Action
) -> None:
    person = holding((role, "so-tu-phap")) if role else None
    decision = may(person, action, task, library, DAY)
    if not decision.allowed:
        assert reason(decision, library, task)
        assert reason(decision, library)


def test_unknown_right_is_refused() -> None:
    assert rule_for(None, Relation.OWN, Action.UPDATE) is None
    assert rule_for(Role.ADMIN, Relation.OWN, Action.UPDATE) is None
