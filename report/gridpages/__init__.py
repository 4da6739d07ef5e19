"""Pages for grid workers: one file a grid that opens on any phone, a picture for a chat group, a sheet of A4, and the list of them."""
