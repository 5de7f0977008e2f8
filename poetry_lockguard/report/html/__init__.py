"""Reports as self-contained web pages, readable without network, server or scripts."""
