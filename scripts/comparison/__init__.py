"""Compares two builds of the benchmarks: what scripts/compare does."""
