"""Text → a typed question, a choice, or nothing."""
