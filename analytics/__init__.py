"""Numbers from numbers: pure functions on NumPy arrays. What every metric means is in docs/metrics.md."""
