"""SQL statements, each inside the transaction of its caller."""
