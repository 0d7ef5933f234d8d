"""What is remembered: the database."""
