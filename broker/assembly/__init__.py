"""Putting one party together: its settings, stores, keys and lines, and the web parts every party has."""
