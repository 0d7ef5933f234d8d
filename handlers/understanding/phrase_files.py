"""The files of words and phrases: each read once, with the line of every block."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from data.errors import PlanFaultsError
from data.loading.documents import Document, read


@lru_cache(maxsize=16)
def document(path: Path) -> Document:
    """A phrase file as it was read, faults and all."""
    return read(path)


@lru_cache(maxsize=16)
def phrases(path: Path) -> Mapping[str, object]:
    """The blocks of a phrase file; PlanFaultsError with the line where it is broken."""
    found = document(path)
    if found.faults or not isinstance(found.data, Mapping):
        raise PlanFaultsError(found.faults)
    return MappingProxyType(dict(found.data))


def wordings(block: object) -> Iterator[str]:
    """The templates of a block, one a line."""
    return (line for line in str(block).splitlines() if line.strip())
