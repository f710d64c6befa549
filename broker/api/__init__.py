"""The API of the makelaar, ``/v1``: what an operator can do, for programs (NL API Design Rules).

No rule lives here: each operation calls a service of ``broker.onboarding``, as the command line and the console do.
"""
