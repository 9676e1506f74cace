"""The types every part speaks: numpy and the standard library only."""
