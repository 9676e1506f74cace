"""Serves the browser interface; the same as `ovd serve`, settings from `OVD_*` and `ovd.toml`."""

import sys

from ovd.bootstrap import build_services
from ovd.errors import OvdError
from ovd.settings import load_settings
from ovd.ui.app import serve
from ovd.ui.server import require_free_port


def main() -> int:
    """Read the settings, build the services, serve until stopped; returns the exit code."""
    try:
        settings = load_settings()
        require_free_port(settings.host, settings.port)
        serve(build_services(settings), settings.host, settings.port)
    except OvdError as error:
        sys.stderr.write(f"error[{error.code}]: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
