"""Keeps a token out of what libraries log: it stands in every address they call."""

import logging


class Mask(logging.Filter):
    """Stars in place of the token, in the records of the named loggers."""

    def __init__(self, token: str, *loggers: str) -> None:
        super().__init__()
        self._token = token
        self._loggers = loggers

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record through."""
        text = record.getMessage()
        if self._token in text:
            record.msg, record.args = text.replace(self._token, "***"), ()
        return True

    def put_on(self) -> None:
        """Begins to mask."""
        for name in self._loggers:
            logging.getLogger(name).addFilter(self)

    def take_off(self) -> None:
        """Ends masking."""
        for name in self._loggers:
            logging.getLogger(name).removeFilter(self)
