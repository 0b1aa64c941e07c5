"""What lists understand: search, sort, paging and the choice of fields."""
