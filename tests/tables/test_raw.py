from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from coterie.errors import DataError, UsageError

import importlib.util, sys
