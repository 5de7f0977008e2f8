"""``check --online``: what an index answered, and which problems that means."""
