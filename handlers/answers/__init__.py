"""The answer to each kind of question: a function of the desk and of what is asked."""
