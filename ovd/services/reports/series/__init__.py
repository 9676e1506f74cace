"""Series of a report: one for each reading of a query, whatever was typed."""
