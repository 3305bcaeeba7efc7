"""Figures, side by side with others, in one run: `python -m benchmarks`.

A benchmark is a public module of this package. Its docstring's first line says what is compared; `measure(options)`
yields what came out, as `benchmarks.figures` has it. Nothing else is needed to join the list.
"""
