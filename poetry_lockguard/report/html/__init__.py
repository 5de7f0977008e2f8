"""Pictures: web pages of their own, that need no network, no server and no script to be read."""
