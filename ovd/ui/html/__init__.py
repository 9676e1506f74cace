"""Domain values as HTML: pure functions, every text of users escaped."""
