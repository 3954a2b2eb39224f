"""Tests of the arithmetic, outside of a node: `python3 -m unittest discover tests`."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
from statistic import describe, names_of, quantile  # noqa: E402


class Statistics(unittest.TestCase):
    def test_a_column_is_described(self) -> None:
        said = describe("x0", [4.0, None, 1.0, 2.0, math.nan, 3.0], [0.5])
        self.assertEqual((said["count"], said["missing"]), (4, 2))
        self.assertEqual((said["mean"], said["min"], said["q50"], said["max"]), (2.5, 1.0, 2.5, 4.0))
        self.assertAlmostEqual(said["std"], 1.2909944487358056)

    def test_nothing_is_said_of_no_values(self) -> None:
        said = describe("x0", [None], [0.25])
        self.assertEqual((said["count"], said["missing"]), (0, 1))
        self.assertEqual((said["mean"], said["q25"], said["std"]), (None, None, None))
        self.assertIsNone(describe("x0", [1.0], [])["std"])

    def test_quantiles_are_linear(self) -> None:
        self.assertEqual([quantile([0.0, 10.0, 30.0], q) for q in (0, 0.25, 0.5, 0.75, 1)], [0, 5, 10, 20, 30])
        self.assertEqual(names_of([0.05, 0.995]), ["count", "missing", "mean", "std", "min", "q5", "q99.5", "max"])


if __name__ == "__main__":
    unittest.main()
