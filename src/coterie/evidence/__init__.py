"""Is it real: whether customers differ, whether groups exist, whether segments come back, whether differences last."""

from __future__ import annotations
