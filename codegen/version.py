"""The version that emitted modules state; it is the distribution's."""

VERSION = "0.1.0"
