"""How large the functions are, and how soon they are ready."""

from emulator import Emulator
from stack import FUNCTIONS, Stack
from start_time import measure


def test_every_function_starts_within_a_tenth_of_a_second(
    emulator: Emulator, stack: Stack, findings: list[str]
) -> None:
    findings.append(f"{'function':<10}{'zipped':>12}{'start':>12}{'resident':>12}")
    for function in FUNCTIONS:
        variables = stack.function(function)["Environment"]["Variables"]
        start = measure(stack.binary(function), {**emulator.environment(), **variables})
        size = f"{start.zipped_bytes / 1e6:.1f} MB"
        time = f"{start.milliseconds:.1f} ms"
        resident = f"{start.resident_kib / 1024:.1f} MiB"
        findings.append(f"{function:<10}{size:>12}{time:>12}{resident:>12}")
        assert start.milliseconds < 100
