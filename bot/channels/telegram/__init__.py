"""Telegram: `TelegramChannel` and the commands of its menu."""

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.incoming import COMMANDS

__all__ = ["COMMANDS", "TelegramChannel"]
