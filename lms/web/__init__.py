"""The web door: one file of routes per topic."""
