"""Import of what other systems know of a site: transactions of tills, counts of other counters."""
