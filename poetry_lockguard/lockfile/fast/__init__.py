"""The quick look at a lock: answers without parsing the whole of it."""
