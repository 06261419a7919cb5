"""The fictional demo review: invented works, invented databases, invented people."""
