"""The REST API below `/api/v1`: routes that call services, and nothing else."""
