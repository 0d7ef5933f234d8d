"""The tree of errors.

DondocError
├── SettingError            a variable holds a wrong value
├── PlanError               a plan or data file cannot be used at all
│   └── PlanFaultsError     … and here are all its faults
├── StoreError              the database did not do what was asked
│   ├── StoreBusyError      locked by another for longer than we wait
│   ├── StoreFullError      no room on the disk
│   └── StoreBrokenError    missing, damaged or unreachable
└── ChannelError            a messenger refused or did not answer
    ├── ChannelAuthError    the token is not accepted
    ├── ChannelQuotaError   too many messages; `retry_after` seconds where told
    ├── ChannelRefusedError the message or the person's chat is refused for good
    └── ChannelDownError    network fault or a server error; `sent_unknown` if it may have arrived

A fault in a plan file is a value (`Fault`), not an exception: loading goes on and reports all.
"""

from dataclasses import dataclass


class DondocError(Exception):
    """Whatever Đôn Đốc raises itself."""


class SettingError(DondocError):
    """A variable holds a wrong value; the message names the variable."""


class PlanError(DondocError):
    """A plan or data file cannot be used."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a data file: where (1-based line, 0 if unknown) and why."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"


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
