"""Train `OvDetr`: matching, losses, denoising queries, its start from the dense detector."""
