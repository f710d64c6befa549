"""Mutation testing of the validators: takes one check away at a time and sees whether a test notices.

`python -m tools.mutants` (or `make mutants`); docs/mutants.md says how, and which removals nobody notices and why.
"""
