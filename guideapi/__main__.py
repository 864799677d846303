"""`python -m guideapi` is the `guideapi` command."""

from guideapi.cli import main

main()
