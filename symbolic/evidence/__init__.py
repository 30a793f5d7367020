"""Whether two formulas are equal: numbers of three kinds, random instances, verdicts."""
