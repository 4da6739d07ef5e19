"""Whole runs, and the command line that starts them."""
