"""Everything that remembers: SQL (SQLite or PostgreSQL) and the state stores, each behind a port of
``broker.ports``.
"""
