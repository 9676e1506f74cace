"""Fitting of the models of relations: `python -m ovd.training.relations --help`."""
