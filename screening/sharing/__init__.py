"""Who of the reviewers is asked for which reports of a stage."""
