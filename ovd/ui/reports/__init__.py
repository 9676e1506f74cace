"""The reports view: a report is made, and reports that are made repeatedly are managed."""
