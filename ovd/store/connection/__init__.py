"""Engine, transactions and driver errors of a database."""
