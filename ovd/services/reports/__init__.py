"""Reports: rows, sums, schedules and files."""
