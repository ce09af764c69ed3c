# SPDX-License-Identifier: Apache-2.0
"""What a run has stored so far, read by another process while it runs."""

import sqlite3


def stored_rows(results):
    """Rows of samples in a results file; 0 while there is none."""
    try:
        with sqlite3.connect(f"file:{results}?mode=ro", uri=True, timeout=600) as store:
            return store.execute("SELECT count(*) FROM sample").fetchone()[0]
    except sqlite3.Error:
        return 0
