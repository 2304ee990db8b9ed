"""Tasks: the tasks of ARC: chosen, made or solved by hand, and learnt by a network from nothing."""
