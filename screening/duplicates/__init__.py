"""Duplicates: joining and unjoining, whose turn a question is, what joins by itself."""
