"""What happened at a site in a period: by interval, by whole days that are kept, in short."""
