"""``check --online``: asks the indexes about every pin."""
