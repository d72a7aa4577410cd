"""Leaderboards: tables of scores, the scale they stand on, who leads and by how much."""
