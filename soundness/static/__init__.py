"""Static analysis of the circuits with circomspect."""
