"""``check --deep``: the problems that Poetry's own check misses."""
