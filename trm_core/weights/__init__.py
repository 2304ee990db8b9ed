"""Weights: files of models. What a checkpoint says of itself, readable without torch (card), its
tensors (checkpoint), and other people's files (published). The format is a promise: old files open,
and a bad file gets one sentence."""
