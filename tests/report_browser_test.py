"""Looks at report.html in a real browser: axe-core without a finding, keyboard, telephone width, print. Run by CTest; alone:

KEPT_PROGRAM=build/release/kept python3 tests/report_browser_test.py [PICTURE]

Needs Debian's chromium and nodejs, and `npm ci` in tests/browser; ./kept test sees to all of it.
"""
# Slow: a browser has to start.

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BROWSER = ROOT / "tests" / "browser"


def missing():
    if not pathlib.Path(os.environ.get("KEPT_CHROMIUM", "/usr/bin/chromium")).exists():
        return "no Chromium: apt-get install chromium, or name one in KEPT_CHROMIUM"
    if not (BROWSER / "node_modules" / "axe-core").exists():
        return "no axe-core: npm ci in tests/browser"
    return None


def main():
    fault = missing()
    if fault:
        print(fault)
        return 1
    program = os.environ.get("KEPT_PROGRAM", str(ROOT / "build" / "release" / "kept"))
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "london.parquet"
        subprocess.run([program, "simulate", "--victims", "1500", "--seed", "3", "--from", "2024-01-01", "--to", "2024-12-31", "--out", str(log)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        options = [str(log)]
        coverage = sorted(pathlib.Path(folder).glob("*coverage*.csv"))
        if coverage:
            options += ["--coverage", str(coverage[0])]
        subprocess.run([program, "assess", *options, "--out", str(pathlib.Path(folder) / "out")], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        report = pathlib.Path(folder) / "out" / "report.html"
        if report.stat().st_size > 2_000_000:
            print(f"report.html has {report.stat().st_size} bytes: too heavy to open at once")
            return 1
        return subprocess.run(["node", str(BROWSER / "report.js"), str(report), *sys.argv[1:2]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
