"""Train the ghost network: where it starts, which points learn which box, and the losses."""
