"""QR codes: only for addresses that a phone can reach, which the office has given."""

from urllib.parse import quote, urlsplit, urlunsplit

import shapely

from report.drawings.ink import Box, Ink, Look, Mark

_KEPT = "/:@!$&'()*+,;=%~?"  # what means something in an address, by RFC 3986
QUIET = 4  # modules of white around a code, as ISO/IEC 18004 asks


def code_svg(link: str) -> str:
    """Return the code of an address as SVG."""
    wide, path = _path(link)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {wide}"><path fill="#fff" d="M0 0h{wide}v{wide}H0z"/><path d="{path}"/></svg>'


def code_ink(link: str, box: Box) -> list[Ink]:
    """Return the code of an address within a square box, in mm."""
    rows = _modules(link)
    step = (box[2] - box[0]) / (len(rows) + 2 * QUIET)
    dark = [
        shapely.box(
            box[0] + (x + QUIET) * step,
            box[3] - (y + QUIET + 1) * step,
            box[0] + (x + QUIET + 1) * step,
            box[3] - (y + QUIET) * step,
        )
        for y, row in enumerate(rows)
        for x, module in enumerate(row)
        if module
    ]
    return [
        Mark(shapely.box(*box), Look(face="#ffffff")),
        Mark(shapely.union_all(dark), Look(face="#000000")),
    ]


def _path(link: str) -> tuple[int, str]:
    rows = _modules(link)
    squares = (
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, module in enumerate(row)
        if module
    )
    return len(rows) + 2 * QUIET, "".join(squares)


def _modules(link: str) -> list[list[int]]:
    import segno

    return [[int(module) for module in row] for row in segno.make_qr(plain(link), error="m").matrix]


def plain(link: str) -> str:
    """Return an address in plain letters: readers disagree on how a code writes Chinese ones."""
    parts = urlsplit(link)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    path, query, fragment = (quote(part, safe=_KEPT) for part in parts[2:])
    return urlunsplit((parts.scheme, host, path, query, fragment))
