"""Files to clean communities to links. Uses nothing else of ours."""
