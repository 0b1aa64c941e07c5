"""The pages that users see: described by `page`, worded by `texts`, drawn by `render`.

They load nothing from elsewhere, need no script, and work with a keyboard and a screen reader.
"""
