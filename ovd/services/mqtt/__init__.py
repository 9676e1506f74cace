"""Counts, states and alerts for MQTT brokers and Home Assistant."""
