"""The convergence matrix through the API."""
