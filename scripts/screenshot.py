"""Makes docs/chat.png, the picture in the README: the real bot in a real browser, phone size.

Run from the project's folder: `.venv/bin/python -m scripts.screenshot`
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import expect

from bot.app import build_channels, house
from bot.clock import ZONE, Clock
from bot.metrics import Metrics
from bot.server import Server
from bot.settings import Settings
from tests.browser import launched

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "chat.png"
STEPS = ("Sở Y tế phụ trách gì ở Lạng Sơn?",)
AS_OF = datetime(2021, 3, 1, 8, 0, tzinfo=ZONE)


@asynccontextmanager
async def serving(folder: str) -> AsyncIterator[str]:
    """The address of the bot, with an empty store in the folder."""
    settings = Settings(database_url=f"sqlite+aiosqlite:///{folder}/dondoc.sqlite", as_of=AS_OF)
    clock = Clock(AS_OF)
    async with house(settings, clock) as home:
        metrics = Metrics()
        channels = build_channels(settings, home.core, clock, home.database, metrics)
        server = Server("127.0.0.1", 0, channels, metrics)
        await server.start()
        for channel in channels:
            await channel.start()
        try:
            yield server.url
        finally:
            for channel in channels:
                await channel.stop()
            await server.stop()


async def photograph(steps: tuple[str, ...], picture: Path) -> None:
    """Presses the button of that label in the last reply, or else says it; takes the picture."""
    with TemporaryDirectory() as folder:
        async with serving(folder) as address, launched() as browser:
            visit = await browser.new_context(
                viewport={"width": 390, "height": 844},
                device_scale_factor=2,
                has_touch=True,
                is_mobile=True,
                locale="vi-VN",
                color_scheme="light",
            )
            page = await visit.new_page()
            await page.goto(address)
            replies = page.locator(".message:not(.mine)")
            await expect(replies).to_have_count(1)
            for number, step in enumerate(steps, 2):
                button = replies.last.get_by_role("button", name=step, exact=True)
                if await button.count():
                    await button.click()
                else:
                    await page.fill("#text", step)
                    await page.press("#text", "Enter")
                await expect(replies).to_have_count(number)
            await page.locator("#text").blur()
            picture.parent.mkdir(exist_ok=True)
            await page.screenshot(path=picture)
            await visit.close()


if __name__ == "__main__":
    asyncio.run(photograph(tuple(sys.argv[1:]) or STEPS, PICTURE))
