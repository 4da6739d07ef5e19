"""The ledger of the sample as its street office types it."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import xlsxwriter
from town import Town

STREET_TOWN = "桂花街道"
DELIVERED = dt.datetime(2026, 9, 30, 17, 0, tzinfo=dt.UTC)

HEADS = (
    "序号",
    "街道",
    "社区",
    "编号",
    "小区名称",
    "地址",
    "规模",
    "",
    "",
    "",
    "建成年代",
    "物业公司",
    "联系人",
    "联系电话",
    "备注",
)
SCALE_HEADS = ("栋数", "户数", "建筑面积(万㎡)", "占地面积(㎡)")
SCALE_AT = HEADS.index("规模")
WIDTHS = (6, 11, 11, 10, 20, 20, 7, 16, 16, 14, 12, 26, 10, 14, 30)
CONTACTS = ("张某某", "李某某", "王某某", "刘某某", "陈某某")


def ledger_ids(town: Town, faults: Mapping[str, Any]) -> list[str]:
    """Return the number under which the ledger holds each community, its name in the ledger where it lacks one."""
    none = set(faults["no_id"]["names"])
    pairs = zip(town.communities["id"], town.communities["name"], strict=True)
    return [faults["ledger_name"].get(name, name) if name in none else i for i, name in pairs]


def ledger(town: Town, faults: Mapping[str, Any]) -> bytes:
    """Return the workbook: merged title, two-level head, merged cells, sums, notes, a hidden sheet of choices."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"title": "老旧小区台账", "created": DELIVERED.replace(tzinfo=None)})
    sheet = book.add_worksheet("台账")
    choices = book.add_worksheet("选项")
    choices.write_column(0, 0, ["物业管理方式", "专业化物业", "居民自治", "社区代管"])
    choices.hide()
    cell = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
    bold = book.add_format(
        {"border": 1, "valign": "vcenter", "align": "center", "bold": True, "text_wrap": True}
    )
    title = book.add_format({"bold": True, "align": "center", "font_size": 16})
    last = len(HEADS) - 1
    sheet.merge_range(0, 0, 0, last, f"{STREET_TOWN}老旧小区台账", title)
    sheet.merge_range(1, 0, 1, last, f"填报单位:{STREET_TOWN}办事处    填报日期:{DELIVERED:%Y年%m月%d日}")
    _write_heads(sheet, bold)
    row = _write_rows(sheet, town, faults, cell, bold)
    for note in faults["notes"]["lines"]:
        sheet.merge_range(row, 0, row, last, note)
        row += 1
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(4, 5)
    book.close()
    return stream.getvalue()


def _write_heads(sheet: Any, bold: Any) -> None:
    sheet.merge_range(2, SCALE_AT, 2, SCALE_AT + len(SCALE_HEADS) - 1, "规模", bold)
    for k, head in enumerate(SCALE_HEADS):
        sheet.write(3, SCALE_AT + k, head, bold)
    for column, head in enumerate(HEADS):
        if not SCALE_AT <= column < SCALE_AT + len(SCALE_HEADS):
            sheet.merge_range(2, column, 3, column, head, bold)


def _write_rows(sheet: Any, town: Town, faults: Mapping[str, Any], cell: Any, bold: Any) -> int:
    """Write the rows of each committee and its sum, then the total; return the next free line."""
    table, last, row, running = _rows(town, faults), len(HEADS) - 1, 4, 0
    for committee, group in table.groupby("社区", sort=False):
        top = row
        blank = (
            [dict.fromkeys(HEADS, "")] if committee == table["社区"].iloc[-1] else []
        )  # numbered, not filled in
        for record in [*group.to_dict("records"), *blank]:
            running += 1
            values = [*(record[h] for h in HEADS[3:SCALE_AT]), *(record.get(h, "") for h in SCALE_HEADS)]
            values += [record[h] for h in HEADS[SCALE_AT + len(SCALE_HEADS) :]]
            sheet.write(row, 0, running, cell)
            for column, value in enumerate(values, 3):
                sheet.write(row, column, value, cell)
            row += 1
        sheet.merge_range(top, 1, row - 1, 1, STREET_TOWN, cell)
        sheet.merge_range(top, 2, row - 1, 2, committee, cell)
        _write_sum(sheet, row, f"{committee}合计", group, bold)
        row += 1
    _write_sum(sheet, row, "总计", table, bold)
    both = table.index[table["小区名称"].isin(faults["two_rows"])]
    lines = [4 + i + table["社区"].iloc[: i + 1].nunique() - 1 for i in both]
    site = SCALE_AT + SCALE_HEADS.index("占地面积(㎡)")
    sheet.merge_range(lines[0], site, lines[-1], site, table["占地面积(㎡)"][both[0]], cell)
    sheet.write(row, last, "", bold)
    return row + 1


def _write_sum(sheet: Any, row: int, label: str, rows: pd.DataFrame, bold: Any) -> None:
    sheet.merge_range(row, 0, row, SCALE_AT - 1, label, bold)
    sums = [int(rows["栋数"].sum()), int(rows["真户数"].sum()), round(float(rows["万㎡"].sum()), 2)]
    for k, value in enumerate(sums):
        sheet.write(row, SCALE_AT + k, value, bold)


def _rows(town: Town, faults: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows as typed, and 真户数, 万㎡ for the sums."""
    per = town.buildings.assign(m2=town.buildings.area * town.buildings["storeys"]).groupby("community")
    table = town.communities.assign(m2=per["m2"].sum(), blocks=per.size(), number=ledger_ids(town, faults))
    rows: list[dict[str, Any]] = []
    for n, c in enumerate(table.itertuples()):
        name = faults["ledger_name"].get(c.name, c.name)
        area = round(c.m2 / 10_000, 2)
        counts: Sequence[int] = faults["two_rows"].get(c.name, [c.households])
        for k, households in enumerate(counts):
            rows.append(
                {
                    "社区": c.committee,
                    "编号": "" if c.name in faults["no_id"]["names"] else c.id,
                    "小区名称": name,
                    "地址": c.address,
                    "栋数": 1 if k < len(counts) - 1 else c.blocks - k,
                    "户数": faults["count"].get(c.name, households),
                    "建筑面积(万㎡)": faults["floor_area"].get(c.name, round(area / len(counts), 2)),
                    "占地面积(㎡)": round(c.geometry.area) if k == 0 else "",
                    "建成年代": c.year,
                    "物业公司": faults["company"].get(c.name, "无"),
                    "联系人": CONTACTS[n % len(CONTACTS)],
                    "联系电话": "1380000xxxx",
                    "备注": faults["scope"].get(c.name, ["", ""])[1]
                    or ("" if len(counts) == 1 else "其余各栋" if k else "1栋"),
                    "真户数": 0 if faults["count"].get(c.name, "1") in ("", "0") else households,
                    "万㎡": area / len(counts),
                }
            )
        if c.name in faults["again"]["names"]:
            rows.append(rows[-1])
    return pd.DataFrame(rows)
