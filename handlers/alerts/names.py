"""What somebody follows, by name."""

from data.loading.library import Library
from data.reminders import Scope, Subscription
from handlers.wording import listing, say


class Names:
    """Names wishes, agencies and plans."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def of(self, wish: Subscription) -> str:
        """What a wish is about: "việc của Sở Y tế (Kế hoạch Lạng Sơn 2021)"."""
        plan = say("follow.name.in", plan=self.plan(wish.plan)) if wish.plan else ""
        task = self._library.task(wish.value) if wish.scope is Scope.TASK else None
        value = wish.value
        if task:
            value = say("follow.name.of_task", id=task.id, title=task.title)
        elif wish.scope in (Scope.AGENCY, Scope.REPORTS):
            value = self.agency(wish.value) if wish.value else say("alerts.everybody")
        elif wish.scope in (Scope.PLAN, Scope.DIGEST):
            value = self.plan(wish.value)
        return say(f"follow.name.{wish.scope}", value=value, plan=plan)

    def short(self, wish: Subscription) -> str:
        """The id of a task, else the name of what is followed."""
        task = self._library.task(wish.value) if wish.scope is Scope.TASK else None
        return task.id if task else self.of(wish)

    def leads(self, wish: Subscription) -> str:
        """The lead times of a wish, where it has its own."""
        if not wish.leads or not wish.wanted:
            return ""
        days = listing(str(lead) for lead in wish.leads if lead)
        return say("follow.leads", days=days) if days else say("follow.leads.day")

    def agency(self, key: str) -> str:
        """An agency as the directory names it."""
        return self._library.directory.name(key)

    def plan(self, name: str) -> str:
        """ "Kế hoạch Lạng Sơn 2021"; the id itself where there is no such plan."""
        plan = self._library.plans.get(name)
        return say("plan.name", province=plan.province, year=plan.year) if plan else name
