"""What each problem code means, and what to do about it: the pages of ``lockguard explain``."""
