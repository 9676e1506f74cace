"""The system view: health, models, storage, access, backup."""
