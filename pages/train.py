"""Train: a tiny model from nothing, learning while one watches."""

from pages.trainer import page as trainer

trainer.show()
