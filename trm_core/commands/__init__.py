"""The commands of `python -m trm_core`, one file each: `add_arguments` and `run`."""
