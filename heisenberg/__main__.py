"""``python -m heisenberg``: the command line."""

from heisenberg.cli import main

main()
