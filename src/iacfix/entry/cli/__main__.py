"""`python -m iacfix.entry.cli`: the command line where its script is not on PATH."""

from iacfix.entry.cli.main import main

if __name__ == "__main__":
    main()
