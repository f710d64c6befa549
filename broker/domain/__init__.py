"""The values of eHerkenning and the decisions over them: pure, without clock, I/O or SAML.

Nouns are those of the afsprakenstelsel; whatever changes from call to call (the time, random bytes, a secret)
comes in as an argument. Nothing here imports another package of ``broker``.
"""
