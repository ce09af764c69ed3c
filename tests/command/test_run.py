#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The runner of the command's tests: patterns, and what --accept makes of expected files."""
import pathlib
import subprocess
import sys
import tempfile
import unittest
from types import SimpleNamespace

import patterns
import run


class Patterns(unittest.TestCase):
    def check(self, pattern, good=(), bad=()):
        for text in good:
            self.assertTrue(patterns.matches(pattern, text), (pattern, text))
        for text in bad:
            self.assertFalse(patterns.matches(pattern, text), (pattern, text))

    def test_text_is_itself(self):
        self.check("a.c [1] $ 5 ~ ~x $HOME", ["a.c [1] $ 5 ~ ~x $HOME"], ["abc [1] $ 5 ~ ~x $HOME", ""])

    def test_wildcards(self):
        self.check("in $NUMBER s", ["in 7 s", "in 0.25 s", "in -1e-05 s"], ["in  s", "in x s", "in 1 2 s", "in 1. 2 s"])
        self.check("$NUMBER-$NUMBER", ["1-2", "-1--2"], ["1-", "12"])
        self.check("a $WORD c", ["a b c", "a ./b/d.csv c"], ["a  c", "a b b c", "a b, c"])
        self.check("a$ANY", ["a", "a b c"], ["b", "ab\nc"])

    def test_numbers(self):
        self.check("x,~0.12,y", ["x,0.12,y", "x,0.1299,y", "x,0.11,y"], ["x,0.131,y", "x,0.10,y", "x,,y", "x,nan,y"])
        self.check("~12", ["11", "12.5", "13"], ["14", "112", "10.9"])
        self.check("~1.0+-0.5", ["0.5", "1.5"], ["0.49", "1.51"])
        self.check("~0.5+-1e-3", ["0.501"], ["0.502"])
        self.check("~-2.5", ["-2.5", "-2.4"], ["2.5"])

    def test_escapes(self):
        for text in ("$NUMBER", "~5", "$$", "$~5", "save(...)", "a $WORD ~-1 $.", "plain", "$5"):
            self.check(patterns.escape(text), [text])
        self.check(patterns.escape_line("..."), ["..."])
        self.check(patterns.escape("$NUMBER"), bad=["5"])
        self.assertFalse(patterns.fits([patterns.escape_line("...")], ["a"]))

    def test_any_lines(self):
        self.assertTrue(patterns.fits(["a", "...", "d"], ["a", "b", "c", "d"]))
        self.assertTrue(patterns.fits(["a", "...", "d"], ["a", "d"]))
        self.assertTrue(patterns.fits(["...", "b", "...", "b", "c"], ["b", "x", "b", "b", "c"]))
        self.assertTrue(patterns.fits(["..."], []))
        self.assertFalse(patterns.fits(["a", "...", "d"], ["a", "b", "d", "e"]))
        self.assertFalse(patterns.fits(["a"], []))
        self.assertFalse(patterns.fits([], ["a"]))


class Rewriting(unittest.TestCase):
    def check(self, expected, actual, new):
        self.assertEqual(patterns.rewrite(expected, actual), new)
        self.assertTrue(patterns.fits(new, actual))

    def test_lines_that_match_stay(self):
        self.check(["in $NUMBER s", "old"], ["in 7 s", "new"], ["in $NUMBER s", "new"])
        self.check(["a", "...", "b"], ["a", "x", "y", "c"], ["a", "...", "c"])
        self.check(["a", "in $NUMBER s"], ["new", "a", "in 7 s"], ["new", "a", "in $NUMBER s"])
        self.check(["a", "b", "in $NUMBER s"], ["a", "in 7 s"], ["a", "in $NUMBER s"])

    def test_wildcards_stay_in_a_changed_line(self):
        self.check(["computed in $NUMBER s; see o"], ["scored in 7 s; results: o"], ["scored in $NUMBER s; results: o"])
        self.check(["file $WORD: $ANY"], ["The file x.png: it is broken"], ["The file $WORD: $ANY"])

    def test_numbers_stay_numbers(self):
        self.check(["x,~0.123,y"], ["x,0.45678,y"], ["x,~0.457,y"])
        self.check(["x ~0.5+-0.2"], ["x 4"], ["x ~4.0+-0.2"])

    def test_nothing_is_hidden(self):
        self.check(["skipped: $ANY"], ["quite another line"], ["quite another line"])
        self.check([], ["$NUMBER", "...", "save(...)"], ["$$NUMBER", "$...", "save(...)"])

    def test_difference_shows_what_differs(self):
        text = patterns.difference(["in $NUMBER s", "old"], ["in 7 s", "new"], "n")
        self.assertIn("\n in $NUMBER s\n-old\n+new", text)


class Running(unittest.TestCase):
    """A script of our own, without the command."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.script = pathlib.Path(self.folder.name) / "name"
        self.script.mkdir()
        self.options = SimpleNamespace(command=pathlib.Path("/bin/true"), shared="", accept=False)

    def write(self, name, text):
        (self.script / name).write_text(text)

    def judge(self):
        return run.judge(self.script, self.options)

    def test_output_and_exit_code(self):
        self.write("run.sh", 'echo "it took 5 s in $PWD"; echo no >&2; exit 3\n')
        result, text = self.judge()
        self.assertEqual(result, "failed")
        self.assertIn("exit code 3, expected 0", text)
        self.assertIn("+it took 5 s in $WORK", text)
        self.write("stdout", "it took $NUMBER s in $WORK\n")
        self.write("stderr", "no\n")
        self.write("exit", "3\n")
        self.assertEqual(self.judge(), ("passed", ""))

    def test_accept(self):
        self.options.accept = True
        self.write("run.sh", "echo new in 5 s; printf end\n")
        self.write("stdout", "old in $NUMBER s\n")
        self.write("stderr", "gone\n")
        self.write("exit", "1\n")
        self.assertEqual(self.judge()[0], "accepted")
        self.assertEqual((self.script / "stdout").read_text(), "new in $NUMBER s\nend$(no line end)\n")
        self.assertFalse((self.script / "stderr").exists())
        self.assertFalse((self.script / "exit").exists())
        self.assertEqual(self.judge(), ("passed", ""))

    def test_what_is_never_accepted(self):
        self.options.accept = True
        self.write("run.sh", '. "$LIB"\ndie "it is wrong"\n')
        self.assertEqual(self.judge()[0], "failed")
        self.write("run.sh", '. "$LIB"\nexits 1 true\n')
        self.assertEqual(self.judge()[0], "failed")
        self.write("run.sh", 'log=${ASAN_OPTIONS##*log_path=}\necho "leak of 5 bytes" > "$log.7"\n')
        result, text = self.judge()
        self.assertEqual(result, "failed")
        self.assertIn("leak of 5 bytes", text)

    def test_skipped(self):
        self.write("run.sh", '. "$LIB"\nneed shared\n')
        self.assertEqual(self.judge()[0], "skipped")
        self.write("run.sh", '. "$LIB"\nneed no_such_module\n')
        self.assertEqual(self.judge()[0], "skipped")

    def test_command_line(self):
        program = [sys.executable, str(run.HERE / "run.py")]
        result = subprocess.run(program + ["nowhere"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("there is no test 'nowhere'", result.stderr)
        result = subprocess.run(program + ["--list"], capture_output=True, text=True, check=True)
        self.assertIn("score_results\n", result.stdout)


if __name__ == "__main__":
    unittest.main()
