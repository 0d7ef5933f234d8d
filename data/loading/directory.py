"""The directory of agencies: names and forms, groups, who took over from whom, provinces.

It is read from one YAML file, whose head explains its fields. Rows of succession are followed
in time: a row is left out where an earlier link of the chain is younger than it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from data import files
from data.errors import Fault, PlanFaultsError
from data.loading import documents
from data.loading.documents import Section
from data.model import Agency, Certainty, Form, Succession

_Record = TypeVar("_Record")

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Change(StrEnum):
    """How duties pass from one agency to another."""

    MERGE = "merge"
    RENAME = "rename"
    MOVE = "move"
    SPLIT = "split"
    ABOLISH = "abolish"


@dataclass(frozen=True, slots=True)
class Heir:
    """The province that took over another one, since when and by which act."""

    name: str
    forms: tuple[Form, ...]
    since: date
    basis: str
    certainty: Certainty
    note: str = ""


@dataclass(frozen=True, slots=True)
class Province:
    """A province of the plans; `successor` is None where it goes on under its own name."""

    slug: str
    name: str
    forms: tuple[Form, ...]
    successor: Heir | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Every agency by its key, the rows of succession, and the provinces by their slug."""

    agencies: Mapping[str, Agency]
    successions: tuple[Succession, ...] = ()
    provinces: Mapping[str, Province] = field(default_factory=dict)
    _members: Mapping[str, list[Agency]] = field(init=False, repr=False, compare=False)
    _into: Mapping[str, list[Succession]] = field(init=False, repr=False, compare=False)
    _from: Mapping[str, list[Succession]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        members: defaultdict[str, list[Agency]] = defaultdict(list)
        into: defaultdict[str, list[Succession]] = defaultdict(list)
        gone: defaultdict[str, list[Succession]] = defaultdict(list)
        for agency in self.agencies.values():
            for group in agency.groups:
                members[group].append(agency)
        for row in self.successions:
            gone[row.predecessor].append(row)
            if row.successor is not None:
                into[row.successor].append(row)
        object.__setattr__(self, "_members", dict(members))
        object.__setattr__(self, "_into", dict(into))
        object.__setattr__(self, "_from", dict(gone))

    def name(self, key: str) -> str:
        """The official spelling of an agency's name; the key itself if it is unknown."""
        agency = self.agencies.get(key)
        return agency.name if agency else key

    def members(self, group: str, province: str | None = None) -> tuple[str, ...]:
        """The agencies that a group's duties bind, in the file's order; groups in it too."""
        return tuple(
            agency.key
            for agency in self._members.get(group, ())
            if _holds(agency.provinces, province)
        )

    def groups_of(self, key: str) -> tuple[str, ...]:
        """The groups whose common duties bind an agency."""
        agency = self.agencies.get(key)
        return agency.groups if agency else ()

    def predecessors(
        self, key: str, province: str | None = None, *, doubtful: bool = False
    ) -> tuple[Succession, ...]:
        """The rows by which an agency came to its duties, nearest first, then theirs.

        Parts of a split that no source confirms are left out unless `doubtful`.
        """
        rows: list[Succession] = []
        waiting = [(key, date.max)]
        for name, before in waiting:
            for row in self._into.get(name, ()):
                if row in rows or row.predecessor == key or row.since >= before:
                    continue
                if _counts(row, province, doubtful):
                    rows.append(row)
                    waiting.append((row.predecessor, row.since))
        return tuple(rows)

    def successors(
        self, key: str, province: str | None = None, *, doubtful: bool = False
    ) -> tuple[Succession, ...]:
        """The rows by which an agency's duties passed on, nearest first, then theirs.

        An agency without rows of its own shares those of its groups: a district's People's
        Committee ended with the district level.
        """
        rows: list[Succession] = []
        waiting = [(key, date.min)]
        for name, after in waiting:
            for row in self._from.get(name) or self._of_groups(name):
                if row not in rows and row.since > after and _counts(row, province, doubtful):
                    rows.append(row)
                    if row.successor is not None:
                        waiting.append((row.successor, row.since))
        return tuple(rows)

    def heirs(self, key: str, province: str | None = None) -> tuple[str, ...]:
        """Who carries an agency's duties today: itself if nothing changed, () if nobody."""
        ends: list[str] = []
        rows = self.successors(key, province)
        if not rows:
            return (key,)
        for row in rows:
            later = any(r.predecessor == row.successor and r.since > row.since for r in rows)
            if row.successor is not None and not later and row.successor not in ends:
                ends.append(row.successor)
        return tuple(ends)

    def _of_groups(self, key: str) -> list[Succession]:
        groups = self.groups_of(key)
        return [
            row for group in groups for row in self._from.get(group, ()) if row.successor != key
        ]


def load_directory(path: Path = files.AGENCIES) -> Directory:
    """The directory in `path`; raises PlanFaultsError with every fault of the file."""
    document = documents.read(path)
    faults = list(document.faults)
    if document.root is None and faults:
        raise PlanFaultsError(tuple(faults))
    directory = _Reader(document, faults).directory()
    if faults:
        raise PlanFaultsError(tuple(sorted(faults, key=lambda fault: fault.line)))
    return directory


def _holds(provinces: tuple[str, ...], province: str | None) -> bool:
    return not provinces or province is None or province in provinces


def _counts(row: Succession, province: str | None, doubtful: bool) -> bool:
    open_part = row.kind == Change.SPLIT and row.certainty is Certainty.UNCONFIRMED
    return _holds(row.provinces, province) and (doubtful or not open_part)


class _Reader:
    """Reads the file, gathering its faults."""

    def __init__(self, document: documents.Document, faults: list[Fault]) -> None:
        self.root = Section(document, faults)

    def directory(self) -> Directory:
        """The directory; what could not be read is left out and stands among the faults."""
        entries = [(_agency(entry), entry) for entry in self.root.sections("agencies", True)]
        places = [(_province(place), place) for place in self.root.sections("provinces")]
        rows = [(_succession(row), row) for row in self.root.sections("successions")]
        self.root.close()
        agencies = _keyed(((agency.key, agency, entry) for agency, entry in entries), "key")
        provinces = _keyed(((place.slug, place, section) for place, section in places), "slug")
        for agency, entry in entries:
            _prove_groups(entry, agency.groups, agencies)
            _prove_provinces(entry, agency.provinces, provinces)
        for row, section in rows:
            _prove_ends(section, agencies)
            if row is not None:
                _prove_provinces(section, row.provinces, provinces)
        sound = tuple(row for row, _ in rows if row is not None)
        return Directory(agencies, sound, provinces)


def _keyed(found: Iterable[tuple[str, _Record, Section]], name: str) -> dict[str, _Record]:
    """The records by their keys; a key given twice or misspelt is a fault."""
    records: dict[str, _Record] = {}
    sections: dict[str, Section] = {}
    for key, record, section in found:
        if key in records:
            first = sections[key].line(name)
            section.add("agency-twice", name, key=key, first=first)
        elif key:
            records[key] = record
            sections[key] = section
            if not _KEY.fullmatch(key):
                section.add("agency-key", name, key=key)
    return records


def _agency(entry: Section) -> Agency:
    name = entry.text("name")
    agency = Agency(
        key=entry.text("key"),
        name=name,
        forms=_forms(entry, name),
        groups=entry.texts("groups"),
        is_group=entry.flag("group"),
        central=entry.flag("central"),
        plans=entry.texts("plans"),
        provinces=entry.texts("provinces"),
    )
    entry.close()
    return agency


def _forms(entry: Section, name: str) -> tuple[Form, ...]:
    """The name itself and every form, each once."""
    strong, weak = entry.texts("forms"), entry.texts("weak")
    texts = [name, *strong, *weak]
    if len(set(map(str.casefold, texts))) < len(texts):
        _report_repeats(entry, name, forms=strong, weak=weak)
    forms = [Form(text) for text in (name, *strong) if text]
    return (*forms, *(Form(text, True) for text in weak))


def _report_repeats(entry: Section, name: str, **lists: tuple[str, ...]) -> None:
    seen = {name.casefold()}
    for kind, texts in lists.items():
        for place, text in enumerate(texts):
            if text.casefold() in seen:
                entry.add("form-twice", kind, place, form=text)
            seen.add(text.casefold())


def _province(place: Section) -> Province:
    name = place.text("name")
    heir = place.section("successor")
    province = Province(
        slug=place.text("slug"),
        name=name,
        forms=_forms(place, name),
        successor=_heir(heir) if heir else None,
    )
    place.close()
    return province


def _heir(section: Section) -> Heir | None:
    name = section.text("name")
    since = _since(section)
    certainty = section.choice("certainty", Certainty)
    forms = _forms(section, name)
    basis, note = section.text("basis"), section.maybe("note") or ""
    section.close()
    if since is None or certainty is None:
        return None
    return Heir(name, forms, since, basis, certainty, note)


def _succession(row: Section) -> Succession | None:
    since = _since(row)
    kind = row.choice("kind", Change)
    certainty = row.choice("certainty", Certainty)
    predecessor, successor = row.text("predecessor"), row.maybe("successor")
    basis, note = row.maybe("basis") or "", row.maybe("note") or ""
    provinces = row.texts("provinces")
    row.close()
    if since is None or kind is None or certainty is None:
        return None
    if (kind is Change.ABOLISH) != (successor is None):
        row.add("succession-heir", "kind")
    return Succession(predecessor, successor, since, kind.value, basis, certainty, provinces, note)


def _since(section: Section) -> date | None:
    section.value("since", required=True)
    return section.day("since")


def _prove_groups(entry: Section, groups: tuple[str, ...], agencies: Mapping[str, Agency]) -> None:
    for place, key in enumerate(groups):
        if key not in agencies:
            entry.add("agency-unknown", "groups", place, key=key)
        elif not agencies[key].is_group:
            entry.add("group-unknown", "groups", place, key=key)


def _prove_ends(row: Section, agencies: Mapping[str, Agency]) -> None:
    ends = {name: row.data.get(name) for name in ("predecessor", "successor")}
    for name, key in ends.items():
        if isinstance(key, str) and key and key not in agencies:
            row.add("agency-unknown", name, key=key)
    if ends["predecessor"] and ends["predecessor"] == ends["successor"]:
        row.add("succession-self", "successor", key=ends["successor"])


def _prove_provinces(
    section: Section, slugs: tuple[str, ...], provinces: Mapping[str, Province]
) -> None:
    for place, slug in enumerate(slugs):
        if slug not in provinces:
            section.add("province-unknown", "provinces", place, slug=slug)
