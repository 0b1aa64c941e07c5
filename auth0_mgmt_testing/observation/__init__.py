"""What a test observes: request log, changes, scopes, mailbox."""
