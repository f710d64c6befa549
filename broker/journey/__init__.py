"""The login as a table of states and events, one record per login, and the checks that decide the next event.

Nothing here does I/O: verified messages, a clock reading and random values come in, a record and messages go out.
"""
