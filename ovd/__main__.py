"""`python -m ovd`."""

from ovd.cli.main import main

if __name__ == "__main__":
    main()
