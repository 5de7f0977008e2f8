"""Reads a lock quickly, without a TOML parser, if it is written exactly as Poetry writes it."""
