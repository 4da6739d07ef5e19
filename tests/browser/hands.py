"""What a planner does on the desk, in the words of the desk."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import QUIET

TABS = 60  # from the top of the page to its foot
MAP = "[data-desk-map]"
TRIES, WAITS_MS = 12, 5_000  # for the list of a box, that is a minute
# A place of a shape that nothing else covers: the point that a person would click.
_OPEN_PLACE = """(shape) => {
  const box = shape.getBoundingClientRect();
  const deepest = (x, y) => {
    let found = document.elementFromPoint(x, y);
    while (found && found.shadowRoot) {
      const inner = found.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === found) break;
      found = inner;
    }
    return found;
  };
  for (let row = 1; row < 12; row += 1) {
    for (let column = 1; column < 12; column += 1) {
      const x = box.left + box.width * column / 12, y = box.top + box.height * row / 12;
      if (deepest(x, y) === shape) return { x: x, y: y };
    }
  }
  return null;
}"""


# --- waiting ---------------------------------------------------------------------------------------


# Style sheets that come late change the size of the map, and it fits itself anew: as long as it moves, no view counts.
_AT_REST = """(pane) => new Promise((done) => {
  let last = "", same = 0;
  const look = () => {
    const now = [pane.getBoundingClientRect().x, pane.getBoundingClientRect().y, pane.style.transform].join();
    same = now === last ? same + 1 : 0;
    last = now;
    if (same < 12) requestAnimationFrame(look); else done();
  };
  look();
})"""


def ready(page: Page) -> Page:
    """Wait until the plan is drawn and the script rests."""
    page.locator(".plan-label").first.wait_for()
    page.locator(QUIET).wait_for()
    page.locator(f"{MAP} .leaflet-map-pane").evaluate(_AT_REST)
    return page


def pick(field: Locator, option: str) -> None:
    """Choose an option of a box by typing it, as often as the list closes because the page moves under it.

    What is typed is a change each time, or the list would stay closed; a box that shows the option already is left alone.
    """
    page = field.page
    page.locator(QUIET).wait_for()
    found = page.get_by_role("option").filter(has_text=option).first
    for _ in range(TRIES):
        if field.input_value() == option:
            break
        field.fill("")
        field.fill(option)
        try:
            found.click(timeout=WAITS_MS)
            break
        except BrowserError:
            page.keyboard.press("Escape")
    else:
        raise AssertionError(f"{option} cannot be chosen: {page.get_by_role('option').all_inner_texts()}")
    page.locator(QUIET).wait_for()


def who_is(page: Page, name: str) -> None:
    """Say who works here."""
    field = page.get_by_label("操作人", exact=True)
    field.fill(name)
    field.press("Enter")


# --- map -------------------------------------------------------------------------------------------


def shape(page: Page, table: str, row: int) -> Locator:
    """Return the shape of row `row` of a table on the map."""
    return page.locator(f"{MAP} path.at-{table}-{row}")


def click_on_map(page: Page, table: str, row: int, *, with_key: str = "") -> None:
    """Click a shape where nothing covers it."""
    found = shape(page, table, row)
    found.wait_for()
    place = found.evaluate(_OPEN_PLACE)
    assert place, f"{table}:{row} cannot be reached on the map"
    if with_key:
        page.keyboard.down(with_key)
    page.mouse.click(place["x"], place["y"])
    if with_key:
        page.keyboard.up(with_key)


def show_every_layer(page: Page) -> None:
    """Open the whole legend and switch every layer on."""
    page.locator(f"{MAP} details:not([open]) > summary").first.click()
    for layer in page.locator(f"{MAP} input[data-layer]").all():
        layer.check()


def drag_box(page: Page, around: Locator) -> None:
    """Draw a box around a shape with Shift held down."""
    box = around.bounding_box()
    assert box
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] - 2, box["y"] - 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] + 2, box["y"] + box["height"] + 2)
    page.mouse.up()
    page.keyboard.up("Shift")


def view(page: Page) -> tuple[str | None, str]:
    """Return where the map is and how far it is zoomed in: the shift of its pane, and its scale in words."""
    pane = page.locator(f"{MAP} .leaflet-map-pane")
    return pane.get_attribute("style"), page.locator(f"{MAP} .leaflet-control-scale-line").first.inner_text()


def rows_of(page: Page, key: str) -> Locator:
    """Open a list of the panel; return its rows."""
    page.locator(QUIET).wait_for()  # a card that is just being left would offer its way back once more
    back = page.locator("section.card .back")
    if back.count():
        back.click()
    page.locator(f"[data-list={key}]").click()
    return page.locator(".rows .row")


def row_of(page: Page, key: str, head: str) -> Locator:
    """Return the row of a list with this head."""
    return rows_of(page, key).filter(has=page.get_by_text(head, exact=True))


def headline(page: Page) -> dict[str, int]:
    """Return the numbers of the headline by name."""
    return {
        str(b.get_attribute("data-opens")): int(b.inner_text()) for b in page.locator("[data-opens]").all()
    }


# --- panel and bar ---------------------------------------------------------------------------------


def card(page: Page) -> Locator:
    """Return the open card."""
    return page.locator("section.card")


def open_card(page: Page, place: str) -> None:
    """Open the card of a thing from its list."""
    rows_of(page, place.partition(":")[0])
    page.locator(f".rows [data-id='{place}']").click()
    card(page).wait_for()


def propose(page: Page, offer: str) -> None:
    """Put an offer of the open card into the strip."""
    card(page).locator(".line", has_text=offer).get_by_role("button", name="看变化").click()
    strip(page).wait_for()


def badge(page: Page) -> Locator:
    """Return what the bar says of the checks."""
    return page.locator("header .badge")


def at_desk(page: Page, words: str) -> Locator:
    """Return what the bar says of the draft's state, where it says these words."""
    return page.locator("header .saved", has_text=words)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the keyboard is at what the selector says."""
    wanted = page.locator(selector).first
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one.getRootNode().activeElement === one"):
            return
    pytest.fail(f"Tab does not lead to {selector}")


def undo(page: Page) -> None:
    """Take the last step back."""
    page.locator("header .step.undo").click()


def menu(page: Page, name: str) -> None:
    """Open a menu at the head of the desk."""
    page.get_by_role("button", name=name).click()
    page.locator("[data-testid=stPopoverBody]").wait_for()


def freeze(page: Page, title: str) -> None:
    """Freeze the draft as a version of this title, and say of each thing that is not checked that it is known."""
    menu(page, "草稿与版本")
    page.get_by_label("版本名称").fill(title)
    known = page.get_by_text("已知悉第")
    known.first.wait_for()
    for one in known.all():
        one.click()
    page.get_by_role("button", name="定稿为新版本").click()


# --- other pages -----------------------------------------------------------------------------------


def turn_to(page: Page, name: str) -> None:
    """Follow the link of this name to its page."""
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.locator("h1", has_text=name)).to_be_visible()


def try_minimum(page: Page, minimum: int) -> None:
    """Try another minimum on the page of scenarios."""
    page.get_by_label("最低户数", exact=True).fill(str(minimum))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="试算", exact=True).click()


# --- the strip -------------------------------------------------------------------------------------


def chosen(page: Page) -> Locator:
    """Return what the strip says is chosen."""
    return page.locator(".dock-chosen")


def take_verb(page: Page, label: str) -> None:
    """Choose a verb for what is selected."""
    choose_option(page, 0, label)


def choose_option(page: Page, number: int, label: str) -> None:
    """Choose an option of a select box of the strip, 0 the verb's."""
    pick(page.locator(".st-key-dock [data-testid=stSelectbox] [role=combobox]").nth(number), label)


def answer(page: Page, label: str, text: str) -> None:
    """Answer a question of a verb."""
    field = page.locator(".st-key-dock").get_by_label(label).first
    field.fill(text)
    field.press("Enter")


def strip(page: Page) -> Locator:
    """Return the words of what would change."""
    return page.locator(".dock-strip")


def apply(page: Page) -> None:
    """Apply what stands in the strip, and wait for the desk to show it."""
    before = page.locator("header .step.undo").get_attribute("title")
    page.get_by_role("button", name="应用").click()
    expect(page.locator("header .step.undo")).not_to_have_attribute("title", before or "")
    expect(strip(page)).to_have_count(0)


# --- the project file ------------------------------------------------------------------------------


def steps(project: Path, draft: int = 1) -> list[str]:
    """Return what stands in the log of a draft as far as it is done: the commands, as JSON."""
    with closing(sqlite3.connect(f"file:{project}?mode=ro", uri=True)) as file:
        rows = file.execute(
            "select c.record from command c join draft d on d.id = c.draft_id "
            "where c.draft_id = ? and c.position <= d.position order by c.position",
            (draft,),
        )
        return [record for (record,) in rows]
