"""Breadth-first search in mazes: distances, how many shortest paths there are, and which.

It never helps the model: it checks answers, counts shortest paths and makes puzzles. `flood` takes
many mazes at once, in numpy; `shortest_path` takes one and breaks ties as the published data does.
"""

from __future__ import annotations

from collections import deque

import numpy as np

NEIGHBOURS = ((1, 0), (0, -1), (0, 1), (-1, 0))  # down, left, right, up: the published order
MANY = 2  # shortest paths are counted up to here: one, or more than one


def flood(open_BRC: np.ndarray, start_BRC: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of every cell from the start, -1 where there is no way, and whether several
    shortest ways lead there, counted up to `MANY`; both (B, R, C).

    `open_BRC` says where one may walk, `start_BRC` where it begins; both bool.
    """
    B, R, C = open_BRC.shape
    wide = np.zeros((B, R + 2, C + 2), dtype=bool)
    wide[:, 1:-1, 1:-1] = open_BRC
    ways = np.zeros((B, R + 2, C + 2), dtype=np.uint8)
    ways[:, 1:-1, 1:-1] = start_BRC
    distance = np.where(ways > 0, 0, -1).astype(np.int16)
    edge, step = ways.copy(), 0
    while edge.any():
        step += 1
        reached = np.zeros_like(edge)
        reached[:, 1:-1, 1:-1] = (
            edge[:, 2:, 1:-1] + edge[:, :-2, 1:-1] + edge[:, 1:-1, 2:] + edge[:, 1:-1, :-2]
        )
        edge = np.where(wide & (distance < 0), np.minimum(reached, MANY), 0).astype(np.uint8)
        distance[edge > 0] = step
        ways += edge
    return distance[:, 1:-1, 1:-1], ways[:, 1:-1, 1:-1]


def farthest(open_BRC: np.ndarray, start_B2: np.ndarray) -> np.ndarray:
    """Distance from each maze's start to the cell farthest from it, (B,); a row is one integer of
    bits here, so that thousands of mazes can be looked through. Up to 62 columns."""
    B, R, C = open_BRC.shape
    bits_C = np.int64(1) << np.arange(C, dtype=np.int64)
    open_BR = (open_BRC * bits_C).sum(-1)
    edge_BR = np.zeros((B, R), dtype=np.int64)
    edge_BR[np.arange(B), start_B2[:, 0]] = bits_C[start_B2[:, 1]]
    unseen_BR = open_BR & ~edge_BR
    far_B, alive_B, step = np.zeros(B, dtype=np.int64), np.arange(B), 0
    while len(alive_B):
        near_BR = (edge_BR << 1) | (edge_BR >> 1)
        near_BR[:, 1:] |= edge_BR[:, :-1]
        near_BR[:, :-1] |= edge_BR[:, 1:]
        edge_BR = near_BR & unseen_BR
        unseen_BR = unseen_BR & ~edge_BR
        going_B = edge_BR.any(1)
        far_B[alive_B[~going_B]] = step
        edge_BR, unseen_BR, alive_B = edge_BR[going_B], unseen_BR[going_B], alive_B[going_B]
        step += 1
    return far_B


def distances(open_RC: np.ndarray, start: tuple[int, int]) -> np.ndarray:
    """Distance of every cell of one maze from `start`; -1 where there is no way. (R, C) int16."""
    start_RC = np.zeros_like(open_RC, dtype=bool)
    start_RC[start] = True
    return flood(np.asarray(open_RC, dtype=bool)[None], start_RC[None])[0][0]


def shortest_path(
    open_RC: np.ndarray, start: tuple[int, int], goal: tuple[int, int]
) -> list[tuple[int, int]] | None:
    """One shortest path, start and goal included; None if there is none.

    Ties are broken as in the published Maze-Hard data: breadth first from the start, neighbours
    in the order down, left, right, up, and the first to reach a cell is its parent.
    """
    rows, cols = open_RC.shape
    walkable = open_RC.tolist()
    parent = {start: start}
    queue = deque([start])
    while queue and goal not in parent:
        r, c = queue.popleft()
        for dr, dc in NEIGHBOURS:
            near = (r + dr, c + dc)
            inside = 0 <= near[0] < rows and 0 <= near[1] < cols
            if inside and near not in parent and walkable[near[0]][near[1]]:
                parent[near] = (r, c)
                queue.append(near)
    if goal not in parent:
        return None
    path = [goal]
    while path[-1] != start:
        path.append(parent[path[-1]])
    return path[::-1]


def shortest_paths(
    open_RC: np.ndarray, start: tuple[int, int], goal: tuple[int, int], limit: int
) -> list[list[tuple[int, int]]]:
    """Up to `limit` different shortest paths, start and goal included."""
    distance = distances(open_RC, start)
    if distance[goal] < 0:
        return []
    rows, cols = open_RC.shape
    found: list[list[tuple[int, int]]] = []
    stack = [[goal]]
    while stack and len(found) < limit:
        path = stack.pop()
        r, c = path[-1]
        if (r, c) == start:
            found.append(path[::-1])
        for dr, dc in NEIGHBOURS:
            near = (r + dr, c + dc)
            inside = 0 <= near[0] < rows and 0 <= near[1] < cols
            if inside and distance[near] == distance[r, c] - 1:
                stack.append([*path, near])
    return found
