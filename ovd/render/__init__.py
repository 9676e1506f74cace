"""Pictures and charts of results."""
