"""What can be said: one language for `/rounds`, a mention and a direct message."""

from commands.grammar.guessing import worth_saying
from commands.grammar.help import help_text, usage_hint
from commands.grammar.reading import Misunderstood, Said, named, one_word, parse
from commands.grammar.verbs import ALIASES, VERBS, About, Takes, Verb
from commands.grammar.words import Word

__all__ = [
    "ALIASES",
    "VERBS",
    "About",
    "Misunderstood",
    "Said",
    "Takes",
    "Verb",
    "Word",
    "help_text",
    "named",
    "one_word",
    "parse",
    "usage_hint",
    "worth_saying",
]
