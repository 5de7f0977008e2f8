"""JSON Schemas of the settings, of the snapshot's file, and of every JSON document."""
