"""Whom the bot reminds of what, and the log of what was sent."""
