"""What a test looks at: request log, changes, scopes."""
