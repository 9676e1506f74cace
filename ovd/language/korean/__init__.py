"""Korean queries: words, particles and their English reading."""
