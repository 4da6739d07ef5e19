"""What people look at: maps, drawings, tables, papers."""
