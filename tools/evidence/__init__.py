"""What is known of each operation of the fake, collected and published; not shipped."""
