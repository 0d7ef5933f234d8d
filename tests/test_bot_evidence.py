"""Files that people send are what their bytes say, lie there whole, and only once."""

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.evidence import Evidence, kind
from data.errors import EvidenceError
from tests.zalo_emulator import ZaloEmulator

JPEG = b"\xff\xd8\xff\xe0" + b"anh" * 50


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return content.getvalue()


@pytest.fixture
async def files() -> AsyncIterator[ZaloEmulator]:
    async with ZaloEmulator() as server:
        yield server


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path / "evidence", limit=1000, reserve=0)


def contents(directory: Path) -> list[str]:
    found = (path for path in directory.rglob("*") if path.is_file())
    return [path.relative_to(directory).as_posix() for path in found]


def plain(files: ZaloEmulator) -> str:
    return files.url.removeprefix("http://")


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("x", JPEG, "image/jpeg"),
        ("x", b"\x89PNG\r\n\x1a\n...", "image/png"),
        ("x", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("x", b"\x00\x00\x00\x18ftypheic....", "image/heic"),
        ("x", b"%PDF-1.7 ...", "application/pdf"),
        ("x", b"\xff\xf1\x60\x40", "audio/aac"),
        ("x", b"\xff\xfb\x90\x00", "audio/mpeg"),
        ("x", b"\x00\x00\x00\x18ftypM4A ....", "audio/mp4"),
        ("bang.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
        ("x.docx", archive("word/document.xml"), "wordprocessingml"),
        ("x.xlsx", archive("xl/workbook.xml"), "spreadsheetml"),
        ("x.docm", archive("word/document.xml", "word/vbaProject.bin"), ""),
        ("x.zip", archive("a.txt"), ""),
        ("x.docx", b"PK\x03\x04 broken", ""),
        ("x.jpg", b"MZ\x90\x00", ""),
        ("x.jpg", b"<svg onload=alert(1)>", ""),
        ("x.jpg", b"\x00\x00\x00\x18ftypisom....", ""),
        ("x.jpg", b"\xff", ""),
        ("x.jpg", b"", ""),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_type_is_read_from_the_bytes(name: str, content: bytes, found: str) -> None:
    told = kind(content, name)
    assert found in told[0] if found and told else told is None


async def test_file_is_kept_by_its_checksum_and_once(evidence: Evidence, tmp_path: Path) -> None:
    digest = hashlib.sha256(JPEG).hexdigest()
    first = await evidence.keep(JPEG, "biên bản.PNG")
    second = await evidence.keep(JPEG, "../../etc/passwd")
    assert (first.name, second.name) == ("biên bản.jpg", "passwd.jpg")
    assert first.path == second.path == f"evidence/{digest[:2]}/{digest}.jpg"
    assert first.sha256 == digest
    assert contents(tmp_path) == [first.path]


async def test_file_is_fetched(evidence: Evidence, files: ZaloEmulator, tmp_path: Path) -> None:
    kept = await evidence.fetch(files.put("a.jpg", JPEG), "anh", ("image/",), plain(files))
    assert (tmp_path / kept.path).read_bytes() == JPEG


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/inside",
        "http://example.invalid/a.jpg",
        "ftp://example.invalid/a.jpg",
        "file:///etc/passwd",
        "https://",
        "https://[broken",
        "http://127.0.0.1:1@other/a.jpg",
        "",
    ],
)
async def test_other_addresses_are_not_fetched_from(
    evidence: Evidence, files: ZaloEmulator, address: str
) -> None:
    with pytest.raises(EvidenceError) as caught:
        await evidence.fetch(address, "anh", (), plain(files))
    assert caught.value.code == "gone"


async def test_file_over_the_limit_is_not_read_to_its_end(
    evidence: Evidence, files: ZaloEmulator, tmp_path: Path
) -> None:
    address = files.put("a.jpg", JPEG + bytes(1000))
    with pytest.raises(EvidenceError) as caught:
        await evidence.fetch(address, "anh", (), plain(files))
    assert caught.value.code == "large"
    with pytest.raises(EvidenceError):
        await evidence.keep(JPEG + bytes(1000), "anh")
    assert not (tmp_path / "evidence").exists()


async def test_type_that_was_not_asked_for_is_refused(evidence: Evidence) -> None:
    with pytest.raises(EvidenceError) as caught:
        await evidence.keep(b"%PDF-1.7", "a.pdf", ("image/", "audio/"))
    assert caught.value.code == "type"


async def test_room_is_left_on_the_disk_for_the_database(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        await Evidence(tmp_path / "evidence", reserve=1 << 60).keep(JPEG, "anh")
    assert caught.value.code == "full"


async def test_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file stands in the way")
    with pytest.raises(EvidenceError) as caught:
        await Evidence(tmp_path / "evidence", reserve=0).keep(JPEG, "anh")
    assert caught.value.code == "full"
