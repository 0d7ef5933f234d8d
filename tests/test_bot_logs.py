import io
import logging
import sys
import warnings
from collections.abc import Iterator

import pytest

from bot import logs

TOKEN = "123456:ABC-def_ghi"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    kept = root.handlers[:], root.level, sys.excepthook
    quiet = {name: logging.getLogger(name).level for name in ("httpx", "httpcore")}
    stream = io.StringIO()
    logs.set_up([TOKEN, "mật khẩu/1"], stream=stream)
    yield stream
    root.handlers[:], level, sys.excepthook = kept
    root.setLevel(level)
    logging.captureWarnings(False)
    for name, value in quiet.items():
        logging.getLogger(name).setLevel(value)


def crash() -> None:
    raise RuntimeError(f"The token `{TOKEN}` was rejected")


def test_secrets_are_masked_wherever_they_stand(stream: io.StringIO) -> None:
    log = logging.getLogger("test")
    log.info("in the message %s", TOKEN)
    log.info(f"already filled in {TOKEN}")  # noqa: G004
    log.info("deep in %s", {"headers": [TOKEN]})
    log.info("quoted mật khẩu/1 and m%E1%BA%ADt%20kh%E1%BA%A9u%2F1")
    try:
        crash()
    except RuntimeError:
        log.exception("failed")
    shown = stream.getvalue()
    assert "RuntimeError: The token `***` was rejected" in shown
    assert shown.count("***") == 6
    for secret in (TOKEN, "ABC-def", "mật khẩu", "%E1%BA%ADt"):
        assert secret not in shown


@pytest.mark.parametrize(
    "url",
    [
        "https://api.telegram.org/bot999:other-token/getUpdates",
        "http://127.0.0.1:8081/bot999:other-token/getMe?x=1",
        "https://api.telegram.org/file/bot999:other-token/photo.jpg",
        "https://bot-api.zaloplatforms.com/bot999%3Aother-token/sendMessage",
        "http://127.0.0.1/bot999:other-token",
    ],
)
def test_token_of_another_bot_is_masked_by_its_place(stream: io.StringIO, url: str) -> None:
    logging.getLogger("test").warning("POST %s", url)
    assert "other-token" not in stream.getvalue()
    assert "/bot***" in stream.getvalue()


def test_paths_of_files_stay_readable(stream: io.StringIO) -> None:
    logging.getLogger("test").info("/work/main/bot/logs.py:7: /srv/bots/x")
    assert "/work/main/bot/logs.py:7: /srv/bots/x" in stream.getvalue()


def test_record_that_cannot_be_filled_in_is_masked_too() -> None:
    record = logging.LogRecord("test", logging.INFO, "x.py", 1, "%d and %s", (TOKEN,), None)
    shown = logs.MaskingFormatter([TOKEN]).format(record)
    assert "%d and %s" in shown
    assert TOKEN not in shown


def test_requests_of_the_http_client_are_not_logged(stream: io.StringIO) -> None:
    for name in ("httpx", "httpcore", "httpcore.connection"):
        logging.getLogger(name).info("HTTP Request: POST")
    logging.getLogger("httpx").warning("odd")
    assert "HTTP Request" not in stream.getvalue()
    assert "odd" in stream.getvalue()


def test_uncaught_exceptions_and_warnings_are_masked(stream: io.StringIO) -> None:
    try:
        crash()
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(f"old {TOKEN}", UserWarning, stacklevel=1)
    assert "uncaught exception" in stream.getvalue()
    assert "old ***" in stream.getvalue()
    assert TOKEN not in stream.getvalue()


def test_setting_up_twice_does_not_log_twice(stream: io.StringIO) -> None:
    logs.set_up([TOKEN], stream=stream)
    logging.getLogger("test").info("once")
    assert stream.getvalue().count("once") == 1
