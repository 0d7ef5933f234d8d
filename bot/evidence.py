"""Files that people send, kept under `var/evidence/` by their checksum.

The type is read from the bytes themselves: names and declared types are what the sender
likes. The same file sent twice lies there once.
"""

import asyncio
import contextlib
import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from data.errors import EvidenceError
from handlers.messages import Attachment

DIRECTORY = Path("var/evidence")
LIMIT = 10 * 1024 * 1024
RESERVE = 200 * 1024 * 1024
"""Bytes that stay free on the disk for the database."""

_PATIENCE = 60.0
_HOPS = 3
_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
    (b"%PDF-", "application/pdf", "pdf"),
    (b"OggS", "audio/ogg", "ogg"),
    (b"ID3", "audio/mpeg", "mp3"),
    (b"#!AMR", "audio/amr", "amr"),
)
_BRANDS = {
    b"heic": ("image/heic", "heic"),
    b"heix": ("image/heic", "heic"),
    b"mif1": ("image/heif", "heif"),
    b"M4A ": ("audio/mp4", "m4a"),
}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_PACKAGES = {
    "word/document.xml": (f"{_OFFICE}.wordprocessingml.document", "docx"),
    "xl/workbook.xml": (f"{_OFFICE}.spreadsheetml.sheet", "xlsx"),
    "ppt/presentation.xml": (f"{_OFFICE}.presentationml.presentation", "pptx"),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_KINDS = {
    ".xls": ("application/vnd.ms-excel", "xls"),
    ".ppt": ("application/vnd.ms-powerpoint", "ppt"),
}


def kind(content: bytes, name: str = "") -> tuple[str, str] | None:
    """Media type and ending of what we take, by its first bytes; None for anything else."""
    for start, media_type, ending in _STARTS:
        if content.startswith(start):
            return media_type, ending
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", "webp"
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12])
    if content.startswith(_OLE):
        return _OLE_KINDS.get(Path(name.lower()).suffix, ("application/msword", "doc"))
    if content.startswith(b"PK\x03\x04"):
        return _package(content)
    return _audio(content)


class Evidence:
    """The directory, and how much a file may weigh in bytes."""

    def __init__(
        self, directory: Path = DIRECTORY, *, limit: int = LIMIT, reserve: int = RESERVE
    ) -> None:
        self._directory = directory
        self.limit = limit
        self._reserve = reserve

    async def fetch(
        self, address: str, name: str, kinds: Sequence[str] = (), plain: str = ""
    ) -> Attachment:
        """Downloads a file at once, since addresses expire, and keeps it.

        Addresses are https; `plain` names the one host (and port) that may be asked by http.
        Raises EvidenceError.
        """
        try:
            async with asyncio.timeout(_PATIENCE), httpx.AsyncClient() as http:
                content = await self._download(http, address, plain)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            # The address may hold a token, and stands in the error that is left out here.
            raise EvidenceError("gone", f"{name}: {type(error).__name__}") from None
        return await self.keep(content, name, kinds)

    async def keep(self, content: bytes, name: str, kinds: Sequence[str] = ()) -> Attachment:
        """Keeps a file whose type begins with one of `kinds` (all that we take where none is
        given). Raises EvidenceError."""
        if len(content) > self.limit:
            raise EvidenceError("large", f"{name}: {len(content)} bytes")
        found = kind(content, name)
        if found is None or (kinds and not found[0].startswith(tuple(kinds))):
            raise EvidenceError("type", f"{name}: {found[0] if found else 'unknown'}")
        media_type, ending = found
        digest = hashlib.sha256(content).hexdigest()
        place = Path(digest[:2], f"{digest}.{ending}")
        await asyncio.to_thread(self._write, self._directory / place, content)
        path = (self._directory.name / place).as_posix()
        return Attachment(_named(name, ending), media_type, path, digest)

    async def _download(self, http: httpx.AsyncClient, address: str, plain: str) -> bytes:
        for _ in range(_HOPS):
            if not _allowed(address, plain):
                raise EvidenceError("gone", "an address that is not fetched from")
            async with http.stream("GET", address) as response:
                if response.is_redirect:
                    address = urljoin(address, response.headers["Location"])
                    continue
                response.raise_for_status()
                return await self._body(response)
        raise EvidenceError("gone", "too many redirections")

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > self.limit:
                raise EvidenceError("large", f"more than {self.limit} bytes")
        return bytes(body)

    def _write(self, path: Path, content: bytes) -> None:
        """Whole or not at all, and on the disk before anybody is told that it is kept."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                return
            if shutil.disk_usage(path.parent).free < self._reserve + len(content):
                raise EvidenceError("full", "the disk is nearly full")
            with tempfile.TemporaryDirectory(dir=path.parent) as fresh:
                part = Path(fresh, path.name)
                with part.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(path)
        except OSError as error:
            raise EvidenceError("full", f"cannot be written: {error}") from error


def discard(path: str) -> None:
    """Throws a file away, if it is still there; `path` as `Attachment.path` says it."""
    with contextlib.suppress(OSError):
        (DIRECTORY.parent / path).unlink(missing_ok=True)


def _allowed(address: str, plain: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.netloc == plain)


def _package(content: bytes) -> tuple[str, str] | None:
    """Which office document a ZIP is; one with macros is refused like any other archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((found for name, found in _PACKAGES.items() if name in names), None)


def _audio(content: bytes) -> tuple[str, str] | None:
    """Audio without a file head: its frames begin with eleven or twelve set bits."""
    if len(content) < 2 or content[0] != 0xFF:
        return None
    if content[1] & 0xF6 == 0xF0:
        return "audio/aac", "aac"
    return ("audio/mpeg", "mp3") if content[1] & 0xE6 == 0xE2 else None


def _named(name: str, ending: str) -> str:
    """The name without folders, with the ending of what the file is."""
    stem = Path(name.replace("\\", "/")).name or "tep"
    return stem if stem.lower().endswith(f".{ending}") else f"{Path(stem).stem}.{ending}"
