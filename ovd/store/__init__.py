"""SQLAlchemy behind the CountStore port."""
