"""Lighthouse over the pages of a year, and how much quicker they are the second time: `python -m tools.lighthouse`."""
