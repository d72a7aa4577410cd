"""The way of a number, step by step: discover, fetch, load, derive, judge, publish, report."""
