"""What officials say of tasks and ask of where they stand: read, repeated, stored, counted."""
