"""Paper: facts in, bytes out.

Certificates, activation slips, QR symbols and downloadable lists. Nothing here knows the database or the web: every
function takes plain values and gives back bytes or text, and the same values always give the same bytes.
"""
