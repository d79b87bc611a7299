"""Each libFuzzer target for half a minute, from its seeds and what earlier runs found; tools/fuzz runs them for longer."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = sorted(path.stem.removeprefix("fuzz_") for path in pathlib.Path(__file__).parent.glob("fuzz_*.c"))
SECONDS = 30


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_breaks_it(target):
    result = subprocess.run([ROOT / "tools/fuzz", str(SECONDS), target], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors="replace")
    assert result.returncode == 0, result.stdout[-6000:]
    executed = int(re.search(r"number_of_executed_units: *(\d+)", result.stdout)[1])
    assert executed > 1000, "that was no fuzzing"
