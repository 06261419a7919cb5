"""What the lead looks after: progress, conflicts, the protocol and what to look at again."""
