"""The detector network made of ShuffleNetV2, a ghost pyramid and one shared text head."""
