"""Days as people write them: read, or none."""

import pytest

from geo.days import iso_day


@pytest.mark.parametrize(
    ("text", "iso"),
    [("2026-1-2", "2026-01-02"), ("2026.11.30", "2026-11-30"), ("2026-2-30", ""), ("11-30", ""), ("", "")],
)
def test_dates_as_people_write_them(text, iso):
    assert iso_day(text) == iso
