"""Files to clean communities to links. Uses nothing else of ours."""

from geo.drivers import restrict_drivers

restrict_drivers()  # before anything can load GDAL
