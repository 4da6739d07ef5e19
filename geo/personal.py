"""Columns and cells that look like people: left out while reading, so that no later step can show them.

The smallest unit of this work is the building (design.md §6, promise 7).
"""

import datetime as dt
import re
import unicodedata

import pandas as pd

from geo.schema import Finding, finding

_HEADINGS = re.compile(
    "姓名|电话|手机|座机|联系人|联络人|联系方式|身份证|证件号|证件类型|户主|房主|负责人|责任人|网格员|联络员|经办人|填报人|填表人|制表人|"
    "审核人|调查人|采集人|登记人|承租人|租客|住户名|居民名|业主名|业主信息|产权人|法定代表人|法人代表|微信|邮箱|银行卡|银行账号|"
    "出生日期|出生年月|性别|民族|"
    "^业主$|^法人$|^(?:qq|QQ)(?:号码?)?$|(?:楼|楼栋|栋|幢|单元|网格|片|组|院)长(?:名|$)|(?:书记|主任|经理|管家)(?:名|$)"
)
# How many there are of them, or what they are of, names nobody.
_NOT_HEADINGS = re.compile(r"(?:数|人数|数量|总数|占比|比例|面积)$")
_WORDS = {
    "tel",
    "telephone",
    "phone",
    "mobile",
    "cellphone",
    "contact",
    "contacts",
    "email",
    "wechat",
    "idcard",
}

_MOBILE = re.compile(r"(?<!\d)(?<!\d\.)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)")
# GB 11643-1999: the last character is a check digit over the first seventeen, by ISO 7064 MOD 11-2.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def without_personal(frame: pd.DataFrame, *, file: str) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the table without people, and a finding for each column touched: how many cells, never what they said.

    A column goes where its heading names a person, a telephone or a document, or where most of its cells hold a mobile or
    identity number; in any other column the cells that hold such a number are emptied.
    """
    kept: dict[str, pd.Series] = {}
    findings = []
    for heading in frame.columns:
        column = frame[heading]
        filled = int((column != "").sum())
        touched = _personal_cells(column)
        if is_personal_heading(heading):
            findings.append(finding("reading.personal_column", file, None, heading, cells=filled))
        elif 2 * int(touched.sum()) > filled:
            findings.append(finding("reading.personal_content", file, None, heading, cells=filled))
        else:
            kept[heading] = column.mask(touched, "") if touched.any() else column
            if touched.any():
                row, cells = int(frame.index[int(touched.argmax())]), int(touched.sum())
                findings.append(finding("reading.personal_cells", file, row, heading, cells=cells))
    return pd.DataFrame(kept, index=frame.index), tuple(findings)


def is_personal_heading(heading: str) -> bool:
    """Say whether a heading announces a person's name, telephone, address of mail or document."""
    plain = re.sub(r"[\s()（）:：*_/·.-]", "", re.sub(r"[（(]\d+[)）]$", "", heading))
    if _NOT_HEADINGS.search(plain):
        return False
    words = set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading).lower()))
    return bool(_HEADINGS.search(plain) or words & _WORDS)


def is_identity_number(text: str) -> bool:
    """Say whether 18 characters are a resident identity number: a real date of birth and the right check digit."""
    try:
        born = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    check = _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, text[:17], strict=True)) % 11]
    return 1880 <= born.year <= 2100 and text[17].upper() == check


def _personal_cells(column: "pd.Series[str]") -> "pd.Series[bool]":
    together = unicodedata.normalize("NFKC", "\n".join(column.tolist()))  # full-width digits are digits
    if not (_MOBILE.search(together) or _IDENTITY.search(together)):  # nearly every column
        return pd.Series(data=False, index=column.index)
    return column.map(holds_personal).astype(bool)


def holds_personal(text: str) -> bool:
    """Say whether a text holds a mobile number or a resident identity number."""
    text = unicodedata.normalize("NFKC", text)
    return bool(_MOBILE.search(text)) or any(is_identity_number(m) for m in _IDENTITY.findall(text))
