"""Telling people: e-mail."""
