"""The sites view: doors, people inside, what a period was like."""
