"""The tree of errors.

DondocError
├── SettingError            a variable holds a wrong value
├── PlanError               a plan or data file cannot be used at all
│   └── PlanFaultsError     … and here are all its faults
├── StoreError              the database did not do what was asked
│   ├── StoreBusyError      locked by another for longer than we wait
│   ├── StoreFullError      no room on the disk
│   └── StoreBrokenError    missing, damaged or unreachable
├── EvidenceError           a file that a person sent cannot be kept; `code` says why
└── ChannelError            a messenger refused or did not answer
    ├── ChannelAuthError    the token is not accepted
    ├── ChannelQuotaError   too many messages; `retry_after` seconds where told
    ├── ChannelRefusedError the message or the person's chat is refused for good
    └── ChannelDownError    network fault or a server error; `sent_unknown` if it may have arrived

A fault in a plan file is a value (`Fault`), not an exception: loading goes on and reports all.
A kind of fault has a code, its English reason here, and `fault.<code>` in the catalogues.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


class DondocError(Exception):
    """Whatever Đôn Đốc raises itself."""


class SettingError(DondocError):
    """A variable holds a wrong value; the message names the variable."""


class PlanError(DondocError):
    """A plan or data file cannot be used."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a data file: where (1-based line, 0 if unknown) and why.

    `code` and `places` let the edge say the reason in another language.
    """

    path: str
    line: int
    reason: str
    code: str = ""
    places: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"


REASONS: Mapping[str, str] = {
    "file-missing": "the file does not exist",
    "file-unreadable": "the file cannot be read: {why}",
    "not-utf8": "not UTF-8: byte {byte} cannot be read",
    "yaml-broken": "broken YAML: {why}",
    "duplicate-key": "“{name}” stands twice here, first on line {first}",
    "aliased": "YAML references (*name) are not used in data files",
    "field-unknown": "unknown field “{name}”",
    "field-missing": "field “{name}” is missing",
    "not-text": "“{name}” must be text",
    "not-texts": "“{name}” must be a list of texts",
    "not-date": "“{name}” must be a date such as 2021-12-09",
    "not-dates": "“{name}” must be a list of dates such as 2021-12-09",
    "not-number": "“{name}” must be a number",
    "not-flag": "“{name}” must be true or false",
    "not-list": "“{name}” must be a list",
    "not-mapping": "“{name}” must be a mapping of fields",
    "not-allowed": "“{name}” is “{value}”; allowed: {allowed}",
    "plan-id": "the plan's id “{id}” is not the file's name “{name}”",
    "period-form": "the period must be two dates, its first day and its last",
    "period": "the period begins on {begin}, after its end on {end}",
    "clause-form": "“{clause}” is no clause; a clause looks like II.5.k",
    "clause-twice": "clause {clause} was already given on line {first}",
    "id-twice": "clause {clause} gets the id {id}, as the one on line {first}",
    "id-long": "clause {clause} gets the id {id}, longer than {limit} characters",
    "title-long": "the title has {length} characters, at most {limit} are allowed",
    "agency-unknown": "unknown agency “{key}”",
    "group-unknown": "“{key}” is an agency, not a group that can be addressed",
    "agency-key": "“{key}” is no key; a key looks like so-y-te",
    "agency-twice": "“{key}” was already given on line {first}",
    "form-twice": "the form “{form}” stands twice under this name",
    "province-unknown": "unknown province “{slug}”",
    "succession-self": "“{key}” cannot be its own successor",
    "succession-heir": "kind abolish has successor: null, every other kind names one",
    "leaderless": "clause {clause} has neither a leading agency nor an addressed group",
    "quote-missing": "the plan's text does not contain “{text}”",
    "words-missing": "the quote does not contain “{words}”",
    "deadline-wrong": "“{words}” means {read}, not {given}",
    "deadline-unread": "“{words}” cannot be read as a deadline",
    "figure-wrong": "“{words}” does not state {value}",
    "registry-missing": "the plan has a text but no registry: {name} does not exist",
    "wording-brackets": "the brackets of “{wording}” do not match",
    "kind-unknown": "unknown kind of question “{key}”",
    "sign-unknown": "“{name}” is no cue of cues.yaml and no other sign",
    "text-lost": "this line of the plan is in no quote and no heading: “{text}”",
}


def fault(path: object, line: int, code: str, **places: object) -> Fault:
    """A fault of a known kind, its reason in English."""
    return Fault(str(path), line, REASONS[code].format(**places), code, places)


class PlanFaultsError(PlanError):
    """A data file has faults; `faults` holds them all."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class StoreError(DondocError):
    """The database did not do what was asked."""


class StoreBusyError(StoreError):
    """The database stayed locked for longer than we wait."""


class StoreFullError(StoreError):
    """No room on the disk."""


class StoreBrokenError(StoreError):
    """The database is missing, damaged or unreachable."""


class EvidenceError(DondocError):
    """A file that a person sent cannot be kept.

    `code` is gone (not to be had), large, type (none that we take) or full (no room); the
    person is told `evidence.<code>`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ChannelError(DondocError):
    """A messenger refused or did not answer."""


class ChannelAuthError(ChannelError):
    """The messenger does not accept the token."""


class ChannelQuotaError(ChannelError):
    """Too many messages; `retry_after` is in seconds, None where not told."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ChannelRefusedError(ChannelError):
    """The message, or writing to this person at all, is refused for good."""


class ChannelDownError(ChannelError):
    """Network fault or server error; `sent_unknown` where the message may have arrived."""

    def __init__(self, message: str, sent_unknown: bool = False) -> None:
        super().__init__(message)
        self.sent_unknown = sent_unknown
