"""Train: a tiny model from nothing, learning while one watches."""

from pages.shared import trainer

trainer.show()
