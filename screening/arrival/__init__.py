"""How the records of an import come into the review, go out of it again, and come back."""
