"""ARC: a network from nothing learns the rule of one task while one watches."""

from pages.shared import arc_page

arc_page.show()
