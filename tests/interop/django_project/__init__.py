"""A minimal website of a dienstverlener, built on django-digid-eherkenning as its package index offers it."""
