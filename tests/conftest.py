"""What holds for every test: hypothesis judges results, never how long an example took."""

from hypothesis import settings

settings.register_profile("ovd", deadline=None)
settings.load_profile("ovd")
