"""Types and ports that every part shares: numpy and the standard library only."""
