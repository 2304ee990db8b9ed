"""Record: what was seen, as plain numpy: a solve (trace), a set of them (outcomes), and both in
words (verdict). Never loads torch, so that a recording plays at once; what is stored here must
still open in years: add fields with defaults, and hold old files by a test."""
