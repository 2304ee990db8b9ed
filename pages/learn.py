"""Learn: a lesson of nine scenes, with a guess before every answer."""

from pages.scenes import SCENES
from pages.scenes.glossary import WORDS
from pages.shared import lesson

lesson.show(SCENES, WORDS)
