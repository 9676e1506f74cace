"""Repositories of what is delivered: topic levels and schedules."""
