"""Writes docs/cau-hoi.md, the table of what can be asked, from locales/vi/phrases/kinds.yaml.

Run from the project's folder: `.venv/bin/python -m scripts.questions`
"""

from collections.abc import Iterator
from pathlib import Path

from handlers.understanding.intents import Kind, load_kinds

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cau-hoi.md"
_HEAD = """\
<!-- Made by scripts/questions.py from locales/vi/phrases/kinds.yaml. Change that file. -->

# Có thể hỏi những gì

Gõ có dấu hay không dấu đều được. Trong mọi câu, có thể nêu thêm tên tỉnh, khoảng thời gian,
chủ đề hoặc cơ quan để thu hẹp kết quả. Hướng dẫn đầy đủ: [huong-dan.md](huong-dan.md).

| Nội dung | Ví dụ |
|---|---|
"""


def page(kinds: tuple[Kind, ...]) -> str:
    """The whole page."""
    return _HEAD + "".join(_rows(kinds))


def _rows(kinds: tuple[Kind, ...]) -> Iterator[str]:
    for kind in kinds:
        if kind.examples:
            yield f"| {kind.title} | {'<br>'.join(f'“{each}”' for each in kind.examples)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(load_kinds()), "utf-8")
