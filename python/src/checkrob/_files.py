# SPDX-License-Identifier: Apache-2.0
"""Paths that outlast os.chdir(), and files that are written completely or not at all."""

from __future__ import annotations

import os


def absolute(path: str) -> str:
    """The path from the root, which names the same file after os.chdir(), as %cd of notebooks does. Links stay."""
    try:
        return os.path.join(os.getcwd(), path)
    except FileNotFoundError:  # the current folder was removed
        return path


def write_whole(path: str, text: str) -> None:
    """Writes a file under another name, which it has until it is complete."""
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.part", path)
