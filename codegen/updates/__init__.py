"""Optimizers and schedules, described once: printed, and lowered into a module."""
