"""Parts of ``snapshot show`` (alike configurations as one column, chains), and of ``bundle``."""
