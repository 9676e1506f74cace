"""The first page of a report: its most important numbers, and an overview of its series."""
