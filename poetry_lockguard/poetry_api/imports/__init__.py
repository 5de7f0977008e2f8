"""The only imports of Poetry's modules for other rooms, grouped by area."""
