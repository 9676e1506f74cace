"""Reports: aggregation of stored counts into local time buckets, and their schedules."""
