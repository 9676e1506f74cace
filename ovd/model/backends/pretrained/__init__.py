"""Open-vocabulary models of others, run by transformers. One file per family beside this one."""
