"""Reports of ``check`` in the formats that pipelines read: SARIF, GitLab's and JUnit's."""
