"""The ``merge-driver`` commands, one file each."""
