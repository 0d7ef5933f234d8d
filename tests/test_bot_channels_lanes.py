import asyncio
import logging

import pytest

from bot.channels.lanes import Lanes
from bot.channels.mask import Mask


async def test_a_lane_keeps_its_order_and_waits_for_no_other() -> None:
    lanes, gate, done = Lanes(), asyncio.Event(), []

    async def work(name: str, wait: bool) -> None:
        if wait:
            await gate.wait()
        done.append(name)
        if name == "b1":
            gate.set()

    lanes.put("a", lambda: work("a1", True))
    lanes.put("a", lambda: work("a2", False))
    lanes.put("b", lambda: work("b1", False))
    await lanes.drain(20)
    assert done == ["b1", "a1", "a2"]


async def test_what_does_not_end_in_time_is_cancelled() -> None:
    lanes, done = Lanes(), []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            done.append("cancelled")

    async def never() -> None:
        done.append("never")

    lanes.put("a", hang)
    lanes.put("a", never)
    await asyncio.sleep(0)
    await lanes.drain(0)
    assert done == ["cancelled"]


def test_token_is_masked_in_the_records_of_named_loggers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    mask = Mask("123:secret", "httpx")
    mask.put_on()
    logging.getLogger("httpx").info("POST %s", "https://zalo/bot123:secret/getMe")
    mask.take_off()
    assert caplog.messages == ["POST https://zalo/bot***/getMe"]
