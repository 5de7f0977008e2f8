"""The strategy ``offline``: keep the lock if its pins still satisfy the manifest."""
