"""Words kept as data: sentences, notices, directory."""
