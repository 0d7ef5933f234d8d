"""The web chat in a real browser, phone size unless said otherwise."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from bot.channels.web import person
from handlers.messages import Message, Reply
from tests.browser import (
    QUESTION,
    QUOTE,
    House,
    RoteCore,
    Watched,
    bubble,
    by_rote,
    launched,
    reply,
    serving,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE: ViewportSize = {"width": 390, "height": 844}
INJECTION = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@asynccontextmanager
async def visiting(
    browser: Browser, house: House, **context: Any
) -> AsyncIterator[tuple[Page, Watched]]:
    """The chat, open and greeted."""
    visit = await browser.new_context(**{"viewport": PHONE, "locale": "vi-VN", **context})
    page = await visit.new_page()
    watched = Watched(page)
    await page.goto(house.url)
    await expect(page.locator("#state")).to_have_text("Trực tuyến")
    await expect(theirs(page).last).to_contain_text("Chào đồng chí.")
    try:
        yield page, watched
    finally:
        await visit.close()


def theirs(page: Page) -> Locator:
    return page.locator(".message:not(.mine) .bubble")


def mine(page: Page) -> Locator:
    return page.locator(".mine .bubble")


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Câu hỏi hoặc tin nhắn gửi Đôn Đốc")


async def ask(page: Page, text: str) -> None:
    await field(page).fill(text)
    await field(page).press("Enter")


async def test_asking_brings_the_reply_without_reloading(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, watched):
        await page.evaluate("window.samePage = true")
        await ask(page, QUESTION)
        await expect(mine(page)).to_contain_text(QUESTION)
        await expect(theirs(page).last).to_contain_text("Thanh toán viện phí")
        await expect(theirs(page).last.locator("time")).to_have_text(re.compile(r"^09:\d\d$"))
        assert await page.evaluate("window.samePage")
        assert watched.errors == []
        assert watched.hosts == {house.url.split("/")[2]}
    assert house.core.said == [QUESTION]


async def test_pressing_a_button_sends_its_action_and_shows_its_label(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        await ask(page, QUESTION)
        await page.get_by_role("button", name="Trích nguyên văn").click()
        await expect(mine(page).last).to_contain_text("Trích nguyên văn")
        await expect(theirs(page).last.locator("blockquote")).to_have_text(QUOTE)
    assert house.core.said == [QUESTION, "quote:5k"]


async def test_quick_replies_stand_on_an_empty_chat_and_go_once_used(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        await page.get_by_role("button", name="Việc sắp đến hạn").click()
        await expect(theirs(page).last).to_contain_text("Đã nhận: ask:2")
        await expect(page.get_by_role("button", name="Việc sắp đến hạn")).to_have_count(0)
        await expect(field(page)).to_be_focused()


async def test_the_whole_conversation_by_keyboard(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        await page.locator("body").click(position={"x": 1, "y": 1})
        await page.keyboard.press("Shift+Tab")
        await expect(page.get_by_role("link", name="Đến ô nhập câu hỏi")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(field(page)).to_be_focused()
        await page.keyboard.type("dòng một")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("dòng hai")
        await page.keyboard.press("Enter")
        await expect(theirs(page).last).to_contain_text("Đã nhận: dòng một\ndòng hai")
        await expect(field(page)).to_have_value("")
        await page.keyboard.type(QUESTION)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Xem thêm")).to_be_visible()
        await page.keyboard.press("Shift+Tab")
        await expect(page.get_by_role("button", name="Xem thêm")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(theirs(page).last).to_contain_text("Đã nhận: more")
    assert house.core.said == ["dòng một\ndòng hai", QUESTION, "more"]


async def test_typing_sign_shows_while_waiting_and_goes_with_the_reply(
    chromium: Browser,
) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        house.core.gate.clear()
        await ask(page, "một")
        await expect(page.locator("#typing")).to_be_visible()
        house.core.gate.set()
        await expect(theirs(page).last).to_contain_text("Đã nhận: một")
        await expect(page.locator("#typing")).to_be_hidden()


async def test_the_field_grows_with_what_is_typed_and_shrinks_when_sent(
    chromium: Browser,
) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        before = await height(field(page))
        await field(page).fill("một\nhai\nba")
        assert await height(field(page)) > before * 1.5
        await field(page).press("Enter")
        await expect(theirs(page).last).to_contain_text("Đã nhận")
        assert await height(field(page)) == before


async def height(item: Locator) -> float:
    box = await item.bounding_box()
    assert box is not None
    return box["height"]


async def test_dark_mode_has_colours_of_its_own(chromium: Browser) -> None:
    async with serving() as house:
        seen = {}
        for scheme in ("light", "dark"):
            async with visiting(chromium, house, color_scheme=scheme) as (page, _):
                seen[scheme] = await colours(page)
    assert luminance(seen["light"]["page"]) > 0.7
    assert luminance(seen["dark"]["page"]) < 0.1
    assert luminance(seen["dark"]["ink"]) > 0.7


async def colours(page: Page) -> dict[str, str]:
    found: dict[str, str] = await page.evaluate(
        """() => ({
            page: getComputedStyle(document.body).backgroundColor,
            ink: getComputedStyle(document.querySelector('.bubble p')).color,
        })"""
    )
    return found


async def test_injected_markup_is_shown_and_does_nothing(chromium: Browser) -> None:
    def answer(message: Message) -> Reply:
        if message.text == "/start":
            return by_rote(message)
        return reply(bubble(INJECTION, f"1. {INJECTION}", choices=((INJECTION, "x"),)))

    async with serving(RoteCore(answer)) as house, visiting(chromium, house) as (page, watched):
        await ask(page, INJECTION)
        await expect(theirs(page).last).to_contain_text(INJECTION)
        await expect(mine(page)).to_contain_text(INJECTION)
        await page.reload()
        await expect(theirs(page).last).to_contain_text(INJECTION)
        assert await page.locator("#log img, #log script").count() == 0
        assert await page.title() == "Đôn Đốc"
        assert watched.errors == []


async def test_reloading_keeps_the_conversation_and_asks_nothing_again(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        await ask(page, QUESTION)
        await expect(theirs(page)).to_have_count(2)
        await page.reload()
        await expect(page.locator("#state")).to_have_text("Trực tuyến")
        await expect(theirs(page)).to_have_count(2)
        await expect(mine(page)).to_have_count(1)
        await page.get_by_role("button", name="Trích nguyên văn").click()
        await expect(theirs(page)).to_have_count(3)
    assert house.core.said == [QUESTION, "quote:5k"]
    assert len({message.user for message in house.core.seen}) == 1


async def test_what_is_said_while_the_server_is_away_is_answered_once_it_is_back(
    chromium: Browser,
) -> None:
    core = RoteCore()
    async with serving(core) as house:
        async with visiting(chromium, house) as (page, _):
            await ask(page, "một")
            await expect(theirs(page).last).to_contain_text("Đã nhận: một")
            await house.stop()
            await expect(page.locator("#state")).not_to_have_text("Trực tuyến")
            await ask(page, "hai")
            await expect(mine(page).last).to_contain_text("đang gửi")
            again = House(core, house.server.port)
            await again.start()
            await expect(page.locator("#state")).to_have_text("Trực tuyến", timeout=20_000)
            await expect(theirs(page).last).to_contain_text("Đã nhận: hai")
            await expect(mine(page).last).not_to_contain_text("đang gửi")
        await again.stop()
    assert core.said == ["một", "hai"]


async def test_a_page_closed_before_the_reply_finds_it_when_opened_again(
    chromium: Browser,
) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        house.core.gate.clear()
        await ask(page, "một")
        await expect(page.locator("#typing")).to_be_visible()
        await page.goto("about:blank")
        house.core.gate.set()
        await page.goto(house.url)
        await expect(theirs(page).last).to_contain_text("Đã nhận: một")
        await expect(theirs(page)).to_have_count(2)
    assert house.core.said == ["một"]


async def test_a_failed_message_says_so_and_can_be_sent_again(chromium: Browser) -> None:
    broken = [True]

    def answer(message: Message) -> Reply:
        if message.text == "một" and broken:
            broken.clear()
            raise LookupError("lost")
        return by_rote(message)

    async with serving(RoteCore(answer)) as house, visiting(chromium, house) as (page, _):
        await ask(page, "một")
        await expect(page.locator(".failed")).to_contain_text("Xin lỗi")
        await page.get_by_role("button", name="Gửi lại").click()
        await expect(theirs(page).last).to_contain_text("Đã nhận: một")
        await expect(page.locator(".failed")).to_have_count(0)


async def test_two_tabs_show_one_conversation(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        second = await page.context.new_page()
        await second.goto(house.url)
        await expect(second.locator("#state")).to_have_text("Trực tuyến")
        await ask(page, "một")
        for tab in (page, second):
            await expect(theirs(tab)).to_have_count(2)
            await expect(mine(tab)).to_have_count(1)
    assert house.core.said == ["một"]


async def test_an_unasked_reminder_appears_by_itself(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        secret = await page.evaluate("localStorage.getItem('dondoc.secret')")
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}", secret)
        await house.web.send(person(secret), reply(bubble("Nhắc việc")))
        await expect(theirs(page).last).to_contain_text("Nhắc việc")


async def test_a_file_is_downloaded(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        await ask(page, "tệp")
        async with page.expect_download() as got:
            await page.get_by_role("link", name="Tải tệp báo cáo.txt").click()
        download = await got.value
        assert download.suggested_filename == "báo cáo.txt"


async def test_clearing_asks_first_and_starts_anew(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        await ask(page, "một")
        await expect(theirs(page)).to_have_count(2)
        await page.get_by_role("button", name="Xóa nội dung trò chuyện").click()
        await page.get_by_role("button", name="Không").click()
        await expect(theirs(page)).to_have_count(2)
        await page.get_by_role("button", name="Xóa nội dung trò chuyện").click()
        await page.get_by_role("button", name="Xóa", exact=True).click()
        await expect(theirs(page)).to_have_count(1)
        await expect(page.get_by_role("button", name="Việc sắp đến hạn")).to_be_visible()
        await page.reload()
        await expect(theirs(page)).to_have_count(1)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
async def test_nothing_is_wider_than_the_screen(chromium: Browser, width: int) -> None:
    size: ViewportSize = {"width": width, "height": 640}
    async with serving() as house, visiting(chromium, house, viewport=size) as (page, _):
        await ask(page, "dài" * 200)
        await ask(page, QUESTION)
        await expect(page.get_by_role("button", name="Xem thêm")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        assert await page.evaluate("log.scrollWidth <= log.clientWidth")
        for button in await page.get_by_role("button").all():
            box = await button.bounding_box()
            assert box is None or (box["height"] >= 44 and box["x"] + box["width"] <= width)


async def test_a_long_reply_is_shown_from_its_beginning(chromium: Browser) -> None:
    def answer(message: Message) -> Reply:
        long = reply(bubble(*(f"Dòng {n}" for n in range(100))))
        return by_rote(message) if message.text == "/start" else long

    async with serving(RoteCore(answer)) as house, visiting(chromium, house) as (page, _):
        await ask(page, "dài")
        await expect(page.get_by_text("Dòng 0", exact=True)).to_be_in_viewport()
        await expect(page.get_by_text("Dòng 99", exact=True)).not_to_be_in_viewport()
        await page.get_by_role("button", name="Xuống tin mới nhất").click()
        await expect(page.get_by_text("Dòng 99", exact=True)).to_be_in_viewport()


async def test_without_javascript_the_page_says_so(chromium: Browser) -> None:
    async with serving() as house:
        visit = await chromium.new_context(viewport=PHONE, java_script_enabled=False)
        page = await visit.new_page()
        await page.goto(house.url)
        await expect(page.locator(".noscript")).to_be_visible()
        assert "Trang này cần JavaScript" in await page.locator(".noscript").inner_text()
        await expect(page.locator("#composer")).to_be_hidden()
        await visit.close()


async def test_a_browser_without_storage_still_converses(chromium: Browser) -> None:
    forbid = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
    async with serving() as house:
        visit = await chromium.new_context(viewport=PHONE)
        page = await visit.new_page()
        watched = Watched(page)
        await page.add_init_script(forbid)
        await page.goto(house.url)
        await ask(page, "một")
        await expect(theirs(page).last).to_contain_text("Đã nhận: một")
        assert watched.errors == []
        await visit.close()


async def test_a_spoilt_history_does_not_lock_the_person_out(chromium: Browser) -> None:
    spoilt = [
        {"id": "x", "mine": True, "text": "hỏng", "at": 0, "state": "waiting"},
        {"id": "y", "at": 0},
        None,
        7,
    ]
    async with serving() as house, visiting(chromium, house) as (page, watched):
        await page.evaluate("(h) => localStorage.setItem('dondoc.history', h)", json.dumps(spoilt))
        await page.reload()
        await expect(page.locator(".failed")).to_contain_text("hỏng")
        await ask(page, "một")
        await expect(theirs(page).last).to_contain_text("Đã nhận: một")
        assert watched.errors == []


async def test_names_roles_and_order_for_a_screen_reader(chromium: Browser) -> None:
    async with serving() as house, visiting(chromium, house) as (page, _):
        await ask(page, QUESTION)
        await expect(page.get_by_role("button", name="Xem thêm")).to_be_visible()
        log = page.get_by_role("log", name="Nội dung trò chuyện")
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(page.get_by_role("status")).to_have_text("Trực tuyến")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Đôn Đốc")
        await expect(theirs(page).last).to_contain_text("Đôn Đốc: ")
        await expect(mine(page).last).to_contain_text("Bạn: ")
        assert await page.evaluate(UNNAMED) == []
        assert await page.evaluate("document.documentElement.lang") == "vi"


UNNAMED = """() => [...document.querySelectorAll('button, a, textarea, input, img')]
    .filter((one) => !(one.getAttribute('aria-label') || one.labels?.length
      || one.textContent.trim() || one.hasAttribute('alt'))).map((one) => one.outerHTML)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_its_ground(chromium: Browser, scheme: str) -> None:
    async with serving() as house, visiting(chromium, house, color_scheme=scheme) as (page, _):
        await expect(page.locator(".quick .choice").first).to_be_visible()
        quick = await page.evaluate(PAIRS)
        await ask(page, QUESTION)
        await page.get_by_role("button", name="Trích nguyên văn").click()
        await expect(page.locator("blockquote")).to_be_visible()
        pairs = quick + await page.evaluate(PAIRS)
    poor = [pair for pair in pairs if contrast(pair["ink"], pair["ground"]) < 4.5]
    assert len(pairs) > 12
    assert poor == []


PAIRS = """() => [...document.querySelectorAll(
        'h1, header p, .day, .bubble p, .said, time, .choice')]
    .filter((one) => one.offsetParent && one.textContent.trim()).map((one) => {
        let under = one;
        while (getComputedStyle(under).backgroundColor === 'rgba(0, 0, 0, 0)') {
            under = under.parentElement;
        }
        return {text: one.textContent, ink: getComputedStyle(one).color,
            ground: getComputedStyle(under).backgroundColor};
    })"""


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(…)` as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


async def test_no_movement_where_the_person_wants_none(chromium: Browser) -> None:
    async with (
        serving() as house,
        visiting(chromium, house, reduced_motion="reduce") as (page, _),
    ):
        house.core.gate.clear()
        await ask(page, "một")
        await expect(page.locator("#typing")).to_be_visible()
        moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
        assert await page.evaluate(moving) == 0
        house.core.gate.set()


@pytest.mark.parametrize(("ci", "outcome"), [("", "Skipped"), ("true", "Failed")])
async def test_without_a_browser_these_tests_are_skipped_but_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("tests.browser.executable", lambda own: None)
    with pytest.raises(BaseException, match="no browser: install Chromium") as ended:
        async with launched():
            pass
    assert type(ended.value).__name__ == outcome
