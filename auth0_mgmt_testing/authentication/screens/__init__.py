"""The screens of a log-in: each shows a page, takes what the user sends, and lets the flow go on."""
