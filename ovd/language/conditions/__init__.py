"""Reading of relations, states, groups and numbers: "person without a helmet for 10 s"."""
