"""The lesson's runs and measurements: what the page Learn shows, and the command that makes it. The scenes'
words are the page's."""
