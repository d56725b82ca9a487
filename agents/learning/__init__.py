"""What firms learn from their own records."""
