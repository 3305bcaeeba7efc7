"""The entry: `python -m benchmarks` runs all, `python -m benchmarks NAME …` some, `--list` says which there are."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
from pathlib import Path
from types import ModuleType

import benchmarks
from benchmarks.figures import Options, machine

_NONE = ("engine", "figures", "rig", "seeding")


def names() -> list[str]:
    """The benchmarks there are."""
    modules = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(name for name in modules if not name.startswith("_") and name not in _NONE)


def size(text: str) -> int:
    """Bytes from `2GB`, `300MB` or a plain number."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if text.upper().endswith(unit):
            return int(float(text[: -len(unit)]) * factor)
    return int(text)


def main() -> None:
    """Run what was chosen, print what came out, and keep it where asked."""
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which to run; all by default")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="turns of each side (%(default)s)")
    parser.add_argument("--log-size", type=size, default=usual.log_bytes, help="of the log that is counted (2GB)")
    parser.add_argument("--json", type=Path, help="write all figures to this file, too")
    given = parser.parse_args()
    known = names()
    if unknown := set(given.names) - set(known):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    chosen = [importlib.import_module(f"benchmarks.{name}") for name in given.names or known]
    if given.list:
        for module in chosen:
            print(f"{_name(module):<14} {_summary(module)}")
        return
    options = Options(rounds=given.rounds, log_bytes=given.log_size)
    described = machine()
    print(described, flush=True)
    documents = {}
    for module in chosen:
        print(f"\n{_name(module)}: {_summary(module)}", flush=True)
        documents[_name(module)] = []
        for figure in module.measure(options):
            print(f"  {figure.told()}", flush=True)
            documents[_name(module)].append(figure.document())
    if given.json:
        given.json.write_text(json.dumps({"machine": described, "figures": documents}, indent=1) + "\n")


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _summary(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n")[0].rstrip(".")


if __name__ == "__main__":
    main()
