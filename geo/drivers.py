"""Which drivers GDAL may have. Set when `geo` is first imported, because GDAL reads its environment once.

Some of the others follow addresses (WFS, OAPIF), open further files of the machine (VRT) or run code.
"""

import os

DRIVERS = frozenset({"ESRI Shapefile", "GPKG", "OpenFileGDB", "GeoJSON"})
# Every other vector driver of the pinned GDAL; check_drivers sees to it that none was forgotten.
_SKIPPED_DRIVERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,FlatGeobuf,"
    "GDALG,GML,GPSBabel,GPX,GTFS,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MEM,MVT,MapInfo File,"
    "MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,PCIDSK,PDF,PDS4,PGDUMP,PLSCENES,"
    "PMTiles,S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)


def restrict_drivers() -> None:
    """Tell GDAL, which reads its environment once when it is loaded, to register no driver but DRIVERS."""
    os.environ["OGR_SKIP"] = _SKIPPED_DRIVERS
    os.environ["GDAL_DRIVER_PATH"] = "disable"
    os.environ["SHAPE_RESTORE_SHX"] = (
        "YES"  # only private copies are read, so nothing is written beside the source
    )


def check_drivers() -> None:
    """Raise RuntimeError where GDAL was loaded before `geo`, or a newer GDAL brought a driver not judged yet."""
    import pyogrio

    excess = set(pyogrio.list_drivers()) - DRIVERS
    if excess:
        msg = f"import geo before pyogrio; GDAL drivers outside the allow-list: {', '.join(sorted(excess))}"
        raise RuntimeError(msg)
