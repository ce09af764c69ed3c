# SPDX-License-Identifier: Apache-2.0
"""Circles in a directed graph, given as {node: {other node: anything}}."""


def reachable(graph, start):
    seen, waiting = set(), [start]
    while waiting:
        for node in graph.get(waiting.pop(), ()):
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen


def shortest_way(graph, start, goal):
    """The nodes from `start` to `goal`, both included; there has to be a way."""
    before, waiting = {}, [start]
    while goal not in before:
        node = waiting.pop(0)
        for other in graph.get(node, ()):
            if other not in before:
                before[other] = node
                waiting.append(other)
    way = [goal]
    while way[-1] != start or len(way) == 1:
        way.append(before[way[-1]])
    return way[::-1]


def circles(graph):
    """For each set of nodes that reach one another, a shortest circle through each that none before has shown."""
    found, shown = [], set()
    for node in sorted(graph):
        if node not in shown and node in reachable(graph, node):
            circle = shortest_way(graph, node, node)
            shown.update(circle)
            found.append(circle)
    return found
