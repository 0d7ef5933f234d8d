"""Reminders: what is due to whom, how it is said and sent, and what people wish to hear of."""
