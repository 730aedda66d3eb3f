"""Bytes in, rows and faults out: tables that people really send."""
