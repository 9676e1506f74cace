"""Numbers about cameras for monitoring."""
