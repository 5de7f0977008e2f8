"""New locks through Poetry: a run's context, its strategies, their verification, merges."""
