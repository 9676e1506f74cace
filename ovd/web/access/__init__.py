"""The one check of every request: page, streams, files and API stand behind it."""
