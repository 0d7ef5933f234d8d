"""Reading Vietnamese: the same for plans and for questions."""
