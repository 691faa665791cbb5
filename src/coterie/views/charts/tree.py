"""Ward's tree: how groups of customers were joined, from the feet upwards, and where it is cut."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.tokens import var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.clustering import Dendrogram
    from coterie.views.contract import ReportInput

HEIGHT = 260


def dendrogram(result: ReportInput) -> tuple[Drawn, ...]:
    """The last joins of Ward's tree, cut at the delivered k; drawn where ways to find groups were compared."""
    found = result.comparison
    if found is None or found.dendrogram is None or len(found.dendrogram.joins) < 2:
        return ()
    tree = found.dendrogram
    rows = _lines(tree)
    longest = _longest(tree)
    title = f"The longest branches of Ward’s tree leave {say.word(longest)} groups"
    about = f"Dendrogram of Ward’s tree of {say.plural(found.customers, 'customer')}: {say.lower_first(title)}."
    measure = (
        f"How {say.plural(len(tree.leaves), 'group')} of customers join, most alike first: the higher two branches"
        f" meet, the less alike they are. At the foot: customers. Dotted: cut into {say.word(found.k)}. A crowd without"
        " groups has a tree too"
    )
    spec = chart(about, rows, HEIGHT, _layers(tree, found.k))
    body = tuple(
        (str(len(tree.joins) - place), str(say.plain(join.height, 1)), say.count(join.customers))
        for place, join in reversed(list(enumerate(tree.joins)))
    )
    table = ChartTable(("Groups left by the join", "Height", "Customers joined"), body)
    return (Drawn("dendrogram", title, measure, about, spec, table, min_width=620 if len(tree.leaves) <= 16 else 860),)


def _lines(tree: Dendrogram) -> list[dict[str, Any]]:
    """Four corners a join: up from the left branch, across, down to the right one."""
    return [
        {"join": place, "step": step, "x": x, "y": y, "text": say.count(join.customers)}
        for place, join in enumerate(tree.joins)
        for step, (x, y) in enumerate(((join.left, join.left_height), (join.left, join.height),
                                       (join.right, join.height), (join.right, join.right_height)))
    ]  # fmt: skip


def _longest(tree: Dendrogram) -> int:
    """The number of groups that stays the same over the widest range of heights."""
    heights = [join.height for join in tree.joins]
    steps = [(above - below, len(heights) - place) for place, (below, above) in
             enumerate(pairwise(heights))]  # fmt: skip
    return max(steps)[1]


def _layers(tree: Dendrogram, k: int) -> list[Spec]:
    feet = len(tree.leaves)
    x: Spec = {"field": "x", "type": "quantitative", "axis": None,
               "scale": {"domain": [-0.6, feet - 0.4], "nice": False}}  # fmt: skip
    y: Spec = {"field": "y", "type": "quantitative", "title": None, "scale": {"domainMin": 0},
               "axis": {"tickCount": 4, "grid": True}}  # fmt: skip
    lines = {
        "mark": mark("line", strokeWidth=1.5, color=var("ink"), strokeJoin="miter"),
        "encoding": {"x": x, "y": y, "detail": {"field": "join", "type": "nominal"},
                     "order": {"field": "step", "type": "quantitative"}},
    }  # fmt: skip
    hover = {
        "transform": [{"filter": "datum.step === 1"}],
        "mark": mark("point", opacity=0, size=160),
        "encoding": {"x": x, "y": y, "tooltip": tooltip(text="Customers joined")},
    }
    leaves = {
        "data": {"values": [{"x": place, "text": say.count(size)} for place, size in enumerate(tree.leaves)]},
        "mark": mark("text", baseline="top", dy=6, fontSize=11 if feet <= 16 else 10, fill=var("ink-2")),
        "encoding": {"x": x, "y": {"value": HEIGHT}, "text": {"field": "text", "type": "nominal"}},
    }  # fmt: skip
    if not 1 < k < feet:
        return [lines, hover, leaves]
    below, above = tree.joins[feet - 1 - k].height, tree.joins[feet - k].height
    cut = {
        "data": {"values": [{"y": (below + above) / 2}]},
        "mark": mark("rule", strokeDash=[2, 3], strokeWidth=1.5, color=var("accent")),
        "encoding": {"y": y},
    }
    return [lines, cut, hover, leaves]
