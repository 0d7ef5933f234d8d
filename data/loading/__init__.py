"""Plan text and its reviewed registry → records and faults."""
