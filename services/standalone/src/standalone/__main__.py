"""`python -m standalone` is the command line."""

from standalone.cli import main

main()
