"""Learn: a lesson of nine scenes, with a guess before every answer."""

from pages.lesson import page as lesson
from pages.lesson.scenes import SCENES
from pages.lesson.scenes.glossary import WORDS

lesson.show(SCENES, WORDS)
