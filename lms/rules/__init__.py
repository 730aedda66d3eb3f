"""Decisions in plain Python: given facts, answer. No Flask, no SQLAlchemy."""
