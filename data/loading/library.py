"""All plans that can be trusted, and why the others were left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data import files
from data.errors import Fault, PlanFaultsError, fault
from data.loading.directory import Directory, load_directory
from data.loading.registry import Loaded, load_plan
from data.loading.repair import Report
from data.model import Plan, Task


@dataclass(frozen=True, slots=True)
class Library:
    """What the bot knows: the agencies and the sound plans, by id.

    `left_out` holds the faults of each plan that is not given; `repairs` what was put right
    in the text of each plan that could be read.
    """

    directory: Directory
    plans: Mapping[str, Plan]
    left_out: Mapping[str, tuple[Fault, ...]]
    repairs: Mapping[str, Report]
    _by_ref: dict[str, Task] = field(default_factory=dict, init=False, repr=False, compare=False)

    def task(self, ref: str) -> Task | None:
        """The task named `lang-son-2021/5k`, in upper or lower case."""
        if not self._by_ref:
            for task in reversed(self.tasks()):
                self._by_ref[task.ref.casefold()] = task
        return self._by_ref.get(ref.casefold())

    def tasks(self) -> tuple[Task, ...]:
        """Every task of every plan, in the plans' order."""
        return tuple(task for plan in self.plans.values() for task in plan.tasks)


def load_library(plans_dir: Path = files.PLANS) -> Library:
    """Loads all plans of a folder; raises PlanFaultsError where agencies.yaml has faults."""
    directory = load_directory()
    loaded = {name: _load(plans_dir / f"{name}.yaml", directory) for name in _names(plans_dir)}
    return Library(
        directory,
        plans={name: found.plan for name, found in loaded.items() if found.plan},
        left_out={name: found.faults for name, found in loaded.items() if not found.plan},
        repairs={name: found.repairs for name, found in loaded.items() if found.repairs},
    )


def check(paths: Iterable[Path] = ()) -> tuple[Fault, ...]:
    """Every fault of the given registries, or else of all packaged plans and agencies.yaml."""
    registries = list(paths) or [
        files.AGENCIES,
        *(files.PLANS / f"{name}.yaml" for name in _names(files.PLANS)),
    ]
    faults: list[Fault] = []
    try:
        directory = load_directory()
    except PlanFaultsError as error:
        directory = None
        faults += error.faults
    for path in registries:
        if path.resolve() != files.AGENCIES:
            faults += _load(path.with_suffix(".yaml"), directory).faults
    return tuple(faults)


def _names(folder: Path) -> list[str]:
    """The plans of a folder: all that have a text or a registry."""
    return sorted({path.stem for path in folder.iterdir() if path.suffix in {".txt", ".yaml"}})


def _load(registry: Path, directory: Directory | None) -> Loaded:
    txt = registry.with_suffix(".txt")
    if txt.exists() and not registry.exists():
        missing = fault(txt, 0, "registry-missing", name=registry.name)
        return Loaded(None, (missing,), None)
    return load_plan(txt, registry, directory)
