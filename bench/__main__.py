"""All benches, one after the other, and a table of their figures at the end: `python bench [S|M|L]`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _kit import MISSED, RESULTS, Figure, load_text, size_asked

HERE = Path(__file__).resolve().parent


def main() -> int:
    if len(sys.argv) > 1:
        os.environ["SIZE"] = sys.argv[1]
    size = size_asked()
    files = sorted(file for file in HERE.glob("[a-z]*.py"))
    ended: list[tuple[str, int, float]] = []
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as kept:
        for file in files:
            print(f"== {file.name}, size {size.name}, {load_text()}", flush=True)
            begun = time.perf_counter()
            code = subprocess.run([sys.executable, str(file)], env={**os.environ, RESULTS: kept.name}).returncode
            ended.append((file.name, code, time.perf_counter() - begun))
        figures = [Figure(**json.loads(line)) for line in kept]
    print(f"\n{'figure':44} {'measured':>22}  {'bound of the same run':34} {'ratio':>8} {'goal':>8}")
    for figure in figures:
        print(figure.line())
    print()
    for name, code, seconds in ended:
        print(f"{name:24} {seconds:7.0f} s  {'' if code in (0, MISSED) else f'ended with {code}'}")
    missed = sum(1 for figure in figures if figure.holds is False)
    broken = [name for name, code, _ in ended if code not in (0, MISSED)]
    print(
        f"{len(figures)} figures, {missed} goals missed, {len(broken)} benches broken; size {size.name}, {load_text()}"
    )
    return 1 if missed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
