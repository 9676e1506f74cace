"""OvDetr: object queries instead of suppression of duplicates, with the same text head."""
