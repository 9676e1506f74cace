"""Text encoders: sentences to unit-length text embeddings."""
