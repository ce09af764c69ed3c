# SPDX-License-Identifier: Apache-2.0
"""Adapters for other packages' datasets. Each needs its package, and imports it when it is used."""
