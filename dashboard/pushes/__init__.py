"""Alerts pushed to browsers: which, in what words, and how they leave the house."""
