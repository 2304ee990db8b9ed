"""Network: the model. Its numbers (config), its parts (layers), the recursion, written once and
watchable (model), and the one loop of puzzles advancing together (slots). May be touched for a new
mixer or a new kind of answer; knows tensors only, and nothing of puzzles, traces or pages."""
