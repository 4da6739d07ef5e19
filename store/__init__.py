"""Projects, versions, edits and opinions."""
