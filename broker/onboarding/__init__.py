"""Bringing partners in, and all that is done with them before and after: what command line, console and API share.

Whoever asks for a change is an ``Actor``, whose role is checked here and nowhere above; each change is kept in the
history in the same transaction as the change itself.
"""
