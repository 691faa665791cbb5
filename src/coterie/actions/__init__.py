"""What to do for each segment."""

from __future__ import annotations

from coterie.actions.contract import Action, Condition, Grade, Playbook, PlaybookRule
from coterie.actions.playbook import load_playbook
from coterie.actions.recommend import recommend

__all__ = ["Action", "Condition", "Grade", "Playbook", "PlaybookRule", "load_playbook", "recommend"]
