"""Tests outside of a node: `python3 -m unittest discover tests`."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
from counts import too_few  # noqa: E402


class Counts(unittest.TestCase):
    def test_parties_with_few_rows_are_named(self) -> None:
        counts = {"guest_9999": 5, "host_10000": 2}
        self.assertIsNone(too_few(counts, 2))
        self.assertEqual(too_few(counts, 3), "host_10000 has 2 rows, parameter minimum asks for 3")


if __name__ == "__main__":
    unittest.main()
