"""A graph of communities to candidate areas to a proven plan. Knows no file, no map and no geometry."""
