"""The colours, once: as CSS variables for the page, as hex for pictures outside a browser."""

from __future__ import annotations

import re
from typing import Any, Literal

Theme = Literal["light", "dark"]

_NAMES = "paper surface panel ink ink-2 ink-3 line line-2 grid band ref none accent accent-soft warn bad".split()
_LIGHT = (
    "#fbfaf7 #ffffff #f4f2ec #1a1c1f #54585e #676b72 #e4e1d9 #c6c2b7 #ece9e2 #e5e2d9 #c9c6be #87857e "
    "#0b6570 #e2eeed #865600 #a3261b"
).split()
_DARK = (
    "#141517 #1b1d20 #1d1f23 #eceae4 #abaeb3 #8d9199 #2c2f34 #4a4e55 #26292d #31353b #55565a #8b8a85 "
    "#62c4c1 #173130 #e2b45f #f19082"
).split()
_HEAT = {
    "light": "#edf3f1 #d3e5e2 #b0d3cf #82bab8 #4e9b9d #237c84 #0a5763".split(),
    "dark": "#1b2729 #1d373a #1f4b4f #225a5e #2b6f74 #56a9a9 #95dcd7".split(),
}
_SEGMENTS = {
    "light": "#2668c0 #c37657 #71286d #6b7400 #831726 #7c7cdf #815100 #97627d #4f6a44 #34409f".split(),
    "dark": "#8cc1f9 #feb9a7 #bd6ec9 #babf34 #ef727c #9996ff #c67800 #d196b6 #569e58 #e9e9ff".split(),
}
COLOURS = 10
"""So many segments have a colour of their own; from there on colours repeat and the number tells them apart."""

_ON_SEGMENT_INK = {"light": {2, 6}, "dark": set(range(1, COLOURS + 1))}


def _palette(theme: Theme) -> dict[str, str]:
    heat, segments = _HEAT[theme], _SEGMENTS[theme]
    colours = dict(zip(_NAMES, _LIGHT if theme == "light" else _DARK, strict=True))
    colours |= {f"h{step}": colour for step, colour in enumerate(heat, 1)}
    # Numbers on the two deepest steps of the heat map flip to the paper's side.
    colours |= {"on-heat": colours["ink"], "on-deep": "#ffffff" if theme == "light" else "#141517"}
    for number, colour in enumerate(segments, 1):
        colours[f"seg-{number}"] = colour
        inked = number in _ON_SEGMENT_INK[theme]
        colours[f"on-seg-{number}"] = _LIGHT[_NAMES.index("ink")] if inked else "#ffffff"
    return colours | {"on-none": _LIGHT[_NAMES.index("ink")]}


PALETTES: dict[Theme, dict[str, str]] = {"light": _palette("light"), "dark": _palette("dark")}


def slot(segment: int | None) -> str:
    """The token of a segment's colour: `seg-1` ..., `none` for segment 0 and everything that is no segment.

    Example:
        >>> slot(1), slot(11), slot(0)
        ('seg-1', 'seg-1', 'none')
    """
    return f"seg-{(segment - 1) % COLOURS + 1}" if segment is not None and segment > 0 else "none"


def var(token: str) -> str:
    """The token as specs and style sheets use it.

    Example:
        >>> var("ink")
        'var(--ink)'
    """
    return f"var(--{token})"


def css() -> str:
    """The tokens as CSS: light everywhere, dark on screens that ask for it; one class per segment colour."""

    def block(theme: Theme) -> str:
        return "".join(f"--{name}:{colour};" for name, colour in PALETTES[theme].items())

    classes = "".join(
        f".{name}{{--seg:var(--{name});--on-seg:var(--on-{name})}}"
        for name in (*(f"seg-{number}" for number in range(1, COLOURS + 1)), "none")
    )
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{block('dark')}}}}}"
    return f":root{{color-scheme:light;{block('light')}}}\n{dark}\n{classes}\n"


def with_colours(spec: Any, theme: Theme = "light") -> Any:
    """The same specification with hex colours in place of tokens; the original stays as it is.

    Example:
        >>> with_colours({"fill": "var(--seg-1)"})
        {'fill': '#2668c0'}
    """
    if isinstance(spec, dict):
        return {key: with_colours(value, theme) for key, value in spec.items()}
    if isinstance(spec, list | tuple):
        return [with_colours(value, theme) for value in spec]
    if isinstance(spec, str) and "var(--" in spec:
        return re.sub(r"var\(--([\w-]+)\)", lambda found: PALETTES[theme].get(found[1], found[0]), spec)
    return spec
