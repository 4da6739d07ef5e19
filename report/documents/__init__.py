"""The papers of a consultation: what they are made of (case), what they say (model), how they are printed (docx, pdf)."""

from report.documents.docx import docx_of
from report.documents.gaps import missing
from report.documents.pdf import pdf_of
from report.documents.register import DOCUMENTS, PLAN_DOCUMENTS, documents_of, imprint_of, name_of

__all__ = [
    "DOCUMENTS",
    "PLAN_DOCUMENTS",
    "documents_of",
    "docx_of",
    "imprint_of",
    "missing",
    "name_of",
    "pdf_of",
]
