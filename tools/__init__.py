"""What `run.py` and the maintainers use on their own machines; the application never imports it."""
