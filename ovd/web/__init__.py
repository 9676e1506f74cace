"""The web app: the page and its streams as one ASGI application on one port."""
