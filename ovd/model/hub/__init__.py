"""Models that do not ship with ovd: their folders, and the hub that they come from."""
