"""One function per deed. It asks the rule, writes, audits and enqueues; it flushes and never commits."""
