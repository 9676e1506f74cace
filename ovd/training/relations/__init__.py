"""Fitting of the models of relations: `ovd train-relations`."""
