"""Queries of lists: search, sort, paging and selection of fields."""
