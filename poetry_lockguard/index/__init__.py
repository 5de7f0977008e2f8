"""A client for simple indexes: session, retries, certificates, pages and wheel metadata."""
