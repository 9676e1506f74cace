"""Publishing to an MQTT broker."""
