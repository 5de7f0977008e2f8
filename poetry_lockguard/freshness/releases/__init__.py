"""``check --online``: the answers of an index, and the problems that follow from them."""
