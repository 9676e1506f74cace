"""The network that corrects misspelled phrases."""
