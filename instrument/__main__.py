"""``python -m instrument`` is the same as the command line of the launcher."""

from instrument.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
