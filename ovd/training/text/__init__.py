"""Texts of a training run: phrases, captions and their embeddings."""
