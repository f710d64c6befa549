"""Firing cases at a running makelaar over HTTP, with partners of our own, and seeing what became of it."""
