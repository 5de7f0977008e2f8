"""``check --deep``: what Poetry's own check does not look at."""
