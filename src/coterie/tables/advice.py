"""Where a setting is said: a line of `coterie.toml` beside files, an argument of `read` for frames."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

FRAME = "frame "
"""What the label of a frame begins with, as in "frame transactions"."""

PLACE_OF_FILES, PLACE_OF_FRAMES = "in coterie.toml", "with settings=ReadSettings(...)"


def is_frame(label: str) -> bool:
    """Whether this is what a frame is called in print, not a file or sheet.

    Example:
        >>> is_frame("frame transactions"), is_frame("coupons.xlsx, sheet cities")
        (True, False)
    """
    return label.startswith(FRAME) and "." not in label


def setting(keys: Sequence[str], value: str, *, frames: bool) -> str:
    """Where and how a setting is said.

    Example:
        >>> setting(["columns", "customers", "customer_id"], "member", frames=False)
        'in coterie.toml: columns.customers.customer_id = "member"'
        >>> setting(["columns", "customers", "customer_id"], "member", frames=True)
        'with settings=ReadSettings(columns={"customers": {"customer_id": "member"}})'
    """
    if not frames:
        return f"{PLACE_OF_FILES}: {'.'.join(keys)} = {toml_text(value)}"
    told = toml_text(value)
    for key in reversed(keys[1:]):
        told = f"{{{toml_text(key)}: {told}}}"
    return f"with settings=ReadSettings({keys[0]}={told})"


def for_frames(cure: str) -> str:
    """A cure written for files, for somebody who handed us frames.

    Example:
        >>> for_frames("Set date_order in coterie.toml.")
        'Set date_order with settings=ReadSettings(...).'
        >>> for_frames('Say what it means in coterie.toml: [status] "brunt" = "burnt"')
        'Say what it means with settings=ReadSettings(status={"brunt": "burnt"})'
    """
    status = re.search(r"in coterie\.toml: \[(\w+)\] (.*)$", cure)
    if status:
        words = status[2].replace('" = "', '": "').replace("; ", ", ")
        return f"{cure[: status.start()]}with settings=ReadSettings({status[1]}={{{words}}})"
    return cure.replace(PLACE_OF_FILES, PLACE_OF_FRAMES).replace("the file", "the frame")


def toml_text(value: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
