"""What supervision computes without a database: drafts of the law, and records judged again."""
