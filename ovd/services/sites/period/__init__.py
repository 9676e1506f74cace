"""Periods of a site: by interval, by whole days that are kept, in short."""
