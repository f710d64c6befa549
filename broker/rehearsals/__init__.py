"""Behaviour tests: answers that a makelaar gives a dienstverlener wrong on purpose, to see what it does with them.

``kinds`` lists them, ``making`` and ``wrapping`` make them from the true answer, ``judging`` says what is good.
Nothing here sends anything: that takes a test ticket (see ``onboarding.rehearsing``).
"""
