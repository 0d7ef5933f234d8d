"""Zalo: `ZaloChannel` on the Zalo Bot Platform, and what its free plan leaves."""

from bot.channels.zalo.channel import ZaloChannel
from bot.channels.zalo.quota import Usage

__all__ = ["Usage", "ZaloChannel"]
