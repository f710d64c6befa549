"""Measurements of the makelaar. Each prints what it measured, beside the floor below which nothing can go."""
