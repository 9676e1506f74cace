"""Serves the app in the browser: `python app.py` is `ovd serve`, with the same options."""

import sys

from ovd.cli.main import main

if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
