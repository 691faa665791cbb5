"""One chart by name, for a notebook."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, get_args

from coterie.errors import UsageError
from coterie.views.charts import CHARTS
from coterie.views.export import as_altair
from coterie.views.tokens import Theme

if TYPE_CHECKING:
    import altair as alt

    from coterie.views.contract import Drawn, ReportInput


def pick(result: ReportInput, name: str, segment: int | None = None) -> Drawn:
    """Draw the chart of that name; where there is one per segment, that of the segment.

    Where there are several of one kind the name may go on: "mix-city"; the kind alone, "mix", gives the first.

    Raises:
        UsageError: No chart or segment of that name, the segment is missing or not needed, nothing to draw.
    """
    chart = next((one for one in CHARTS if one.name == name), None)
    if chart is None:
        kinds = (one for one in CHARTS if name.startswith(f"{one.name}-"))
        exact = next((drawn for kind in kinds for drawn in kind.draw(result) if drawn.name == name), None)
        if exact is not None and segment in (None, exact.segment):
            return exact
        raise _unknown(name)
    drawn = chart.draw(result)
    if not drawn:
        raise UsageError(f"These data give no chart {name!r}: there is nothing to show in it.")
    numbers = [one.segment for one in drawn if one.segment is not None]
    if segment is None and not numbers:
        return drawn[0]
    if not numbers:
        raise UsageError(f"The chart {name!r} shows all segments at once. Leave out segment.")
    listed = ", ".join(str(number) for number in numbers)
    if segment is None:
        raise UsageError(f"The chart {name!r} comes once per segment. Add segment=, one of {listed}.")
    for one in drawn:
        if one.segment == segment:
            return one
    raise UsageError(f"The chart {name!r} has no segment {segment}. Take one of {listed}.")


def _unknown(name: str) -> UsageError:
    known = [one.name for one in CHARTS]
    close = difflib.get_close_matches(name, known, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return UsageError(f"There is no chart {name!r}.{guess} There are {', '.join(known)}.")


def notebook_chart(
    result: ReportInput, name: str, segment: int | None = None, theme: Theme = "light"
) -> alt.LayerChart:
    """As `pick`, as an Altair chart in light or dark; altair is imported only here."""
    if theme not in get_args(Theme):
        raise UsageError(f"There is no theme {theme!r}. Take 'light' or 'dark'.")
    return as_altair(pick(result, name, segment), theme)
