"""Whether derived files are in step, without the libraries that make them.

A file counts as in step here if its bytes are what its lock gives. Whatever is not certain is left
to the full export, which gives the reasons.
"""
