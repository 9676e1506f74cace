"""Assignment of labels to points, and the losses."""
