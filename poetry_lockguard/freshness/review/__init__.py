"""What has changed in a lock since a git revision, as a reviewer should see it."""
