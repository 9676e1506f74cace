"""The cameras view: list, add, edit, lines and zones, masks, removal."""
