"""Parts of ``snapshot show``: alike configurations as one column, and chains to a package."""
