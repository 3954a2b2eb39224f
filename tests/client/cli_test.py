"""The group test of the command line: the two commands by which users find out whether an installation works."""

import unittest

import desk

PARTIES = ("-gid", 9999, "-hid", 10000)


class Installation(unittest.TestCase):
    """Neither prints JSON: they talk to people."""

    def test_toy(self):
        printed = desk.ran("test toy", *PARTIES)
        self.assertRegex(printed, r"toy test job \d+ is success")
        lines = [line for line in printed.splitlines() if "secure_add_guest" in line]
        self.assertEqual(len(lines), 8, printed)
        self.assertIn("success to calculate secure_sum", lines[-1])

    def test_min(self):
        desk.upload_example()
        printed = desk.ran("test min", "--no-sbt", *PARTIES, "-aid", 10000)
        self.assertNotIn("Warning", printed)


if __name__ == "__main__":
    unittest.main()
