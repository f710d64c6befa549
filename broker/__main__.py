"""`python -m broker`, the same as `makelaar`."""

from broker.cli import main

main()
