"""A post is a role in an agency and a plan: read from words, and put into words."""

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from data.loading.directory import Directory
from data.loading.library import Library
from data.model import Membership, Plan, Role
from data.text.normalise import fold, slug
from handlers.wording import listing, say

_NEEDS_NO_AGENCY = (Role.LEADER, Role.ADMIN)


class PostError(ValueError):
    """A role, agency or plan that does not exist; the message says which, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Post:
    """A role in an agency and a plan, all three of which exist."""

    plan: Plan
    agency: str
    role: Role


def post(library: Library, plan: str, agency: str, role: str) -> Post:
    """The post of these names; raises PostError. A coordinator's agency may be left out."""
    found = library.plans.get(plan.strip().casefold())
    if found is None:
        plans = listing(library.plans)
        raise PostError(say("post.plan", plan=_short(plan), plans=plans))
    kind = role_named(role)
    if not agency and kind in _NEEDS_NO_AGENCY:
        return Post(found, "", kind)
    if not agency and kind is Role.COORDINATOR:
        return Post(found, found.coordinator, kind)
    return Post(found, _agency(library.directory, agency, found), kind)


def role_named(role: str) -> Role:
    """The role of that name; raises PostError."""
    try:
        return Role(role.strip().casefold())
    except ValueError as error:
        roles = listing(Role)
        raise PostError(say("post.role", role=_short(role), roles=roles)) from error


def agency_named(directory: Directory, text: str) -> str | None:
    """The one agency with that key, name or other form."""
    key = slug(text)
    if key in directory.agencies:
        return key
    said = fold(text).split()
    fitting = {
        agency.key
        for agency in directory.agencies.values()
        for form in agency.forms
        if not form.weak and fold(form.text).split() == said
    }
    return fitting.pop() if len(fitting) == 1 else None


def plan_name(library: Library, plan: str) -> str:
    """ "Kế hoạch Lạng Sơn 2021"; the id where the plan is not loaded."""
    found = library.plans.get(plan)
    return say("plan.name", province=found.province, year=found.year) if found else plan


def described(library: Library, held: Membership | Post) -> str:
    """A post in words: "cán bộ cập nhật, Sở Y tế, Kế hoạch Lạng Sơn 2021"."""
    plan = held.plan if isinstance(held.plan, str) else held.plan.id
    role = say(f"role.{held.role}")
    if not held.agency:
        return say("post.words.all", role=role, plan=plan_name(library, plan))
    agency = library.directory.name(held.agency)
    return say("post.words", role=role, agency=agency, plan=plan_name(library, plan))


def invitation(
    library: Library, offered: Post, code: str, expires: datetime, telegram: str = ""
) -> tuple[str, ...]:
    """What to hand to whoever is invited; `code` in groups, `telegram` the bot's name there."""
    lines = [
        say("member.invite.done", post=described(library, offered)),
        say("member.invite.code", code=code, until=f"{expires:%H:%M %d/%m/%Y}"),
    ]
    if telegram:
        lines.append(say("member.invite.link", link=deep_link(telegram, code)))
    return (*lines, say("member.invite.text", code=code))


def deep_link(telegram: str, code: str) -> str:
    """The address that opens the bot on Telegram and hands it the code."""
    return f"https://t.me/{telegram}?start={code.replace('-', '')}"


def _agency(directory: Directory, text: str, plan: Plan) -> str:
    key = agency_named(directory, text)
    if key is None:
        near = get_close_matches(slug(text), directory.agencies, n=1, cutoff=0.75)
        which = "post.agency.near" if near else "post.agency"
        raise PostError(say(which, agency=_short(text), near=near[0] if near else ""))
    agency = directory.agencies[key]
    if agency.central or (agency.provinces and slug(plan.province) not in agency.provinces):
        raise PostError(say("post.agency.outside", agency=agency.name, province=plan.province))
    return key


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
