"""Images and addresses of alerts: what is kept, found again, and signed for those without login."""
