"""One function per question. Its first argument is the `Scope`: to load is to be allowed."""
