"""Training: deep supervision with adaptive halting, resumable at any moment."""
