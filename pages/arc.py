"""ARC: a network from nothing learns the rule of one task while one watches."""

from pages.tasks import page as arc_page

arc_page.show()
