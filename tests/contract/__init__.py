"""What a user of any tenant relies on: one suite for the fake, its server, cassettes and live."""
