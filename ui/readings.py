"""The coordinate question on the map: the same places under each system that their numbers may be in."""

from collections.abc import Sequence

import streamlit as st

from geo.wording import say
from jobs.previewing import Reading
from report.maptext import map_text


def chosen(readings: Sequence[Reading]) -> str:
    """Show the readings side by side; return the system a person found right, "" as long as none was."""
    against = any(one.against for one in readings)
    st.html(f'<p class="desk-note">{say("intake.reading_of.lead")}</p>')
    if not against:
        st.html(f'<p class="desk-note">{say("intake.reading_of.blind")}</p>')
    most = max(one.inside for one in readings)
    best = [one.system for one in readings if one.inside == most]
    answer = ""
    for column, one in zip(st.columns(len(readings)), readings, strict=True):
        with column, st.container(border=True):
            system = one.system.replace(":", "_")
            st.html(f"<h4>{say(f'desk.ask.{system}')}</h4>")
            st.image(one.picture, width="stretch")
            notes = [_shift(one)]
            if one.against:
                notes.append(
                    say("intake.reading_of.inside", places=one.places, inside=one.inside, file=one.against)
                )
                if best == [one.system]:
                    notes.append(say("intake.reading_of.best"))
            st.html("".join(f'<p class="desk-note">{map_text(note)}</p>' for note in notes))
            if st.button(
                say("intake.reading_of.this_one"),
                key=f"reading-{one.system}",
                type="primary",
                width="stretch",
            ):
                answer = one.system
    return answer


def _shift(one: Reading) -> str:
    """Return how far the places were moved, in words."""
    east_m, north_m = round(one.east_m), round(one.north_m)
    if not (east_m or north_m):
        return say("intake.reading_of.first")
    return say(
        "intake.reading_of.shift",
        east=say(f"intake.reading_of.{'east' if east_m > 0 else 'west'}"),
        east_m=abs(east_m),
        north=say(f"intake.reading_of.{'north' if north_m > 0 else 'south'}"),
        north_m=abs(north_m),
    )
