"""The tree of components through the API."""
