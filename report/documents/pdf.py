"""A paper as PDF, by the one template of all papers (templates/document.typ)."""

from dataclasses import asdict
from typing import Any

from report.documents.model import SIGNED_ROWS, Block, Grid, Paper, Picture
from report.papers import Imprint, Printed, printed


def pdf_of(paper: Paper, imprint: Imprint) -> Printed:
    """Return the paper as PDF/A; the same paper and imprint give the same bytes."""
    pictures = {
        f"picture-{n}.png": one.content for n, one in enumerate(paper.blocks) if isinstance(one, Picture)
    }
    data = {
        "title": paper.title,
        "number": paper.number,
        "style": paper.style,
        "wide": paper.wide,
        "blocks": [_block(n, block) for n, block in enumerate(paper.blocks)],
    }
    return printed("document", imprint, data, pictures=pictures)


def _block(number: int, block: Block) -> dict[str, Any]:
    told = {"kind": type(block).__name__.lower()}
    if isinstance(block, Picture):
        return {**told, "file": f"picture-{number}.png", "high_mm": block.high_mm}
    if isinstance(block, Grid):
        return {**told, **asdict(block), "kept": SIGNED_ROWS if block.signed else 0}
    return {**told, **asdict(block)}
