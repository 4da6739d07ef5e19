"""The allow-list of drivers must stand before anything loads GDAL: geo comes first, as it does in the product."""

import geo  # noqa: F401
