"""The weekly report of a site: one page that a manager understands."""
