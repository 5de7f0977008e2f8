"""The one door to Poetry: its factory, solver, locker, installer and sources."""
