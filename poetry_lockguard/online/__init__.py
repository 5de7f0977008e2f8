"""The online check of ``check --online``: looks up every pin in the indexes."""
