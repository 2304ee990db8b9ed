"""Trainer: a tiny model learns from nothing while one watches, and is then used."""
