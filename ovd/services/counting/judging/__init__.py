"""Judging over time: relations by the evidence of several frames, states by shape and rest."""
