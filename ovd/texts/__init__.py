"""Every word that people read, by language."""
