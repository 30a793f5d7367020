"""Learning from data: runs, curves, weights, scikit-learn, clusters."""
