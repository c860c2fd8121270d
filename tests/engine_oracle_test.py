"""The engine and the independent reading of the design give the same obligations on 20,000 random histories.

Slow: the other reading is in Python.
"""
# Slow: the other reading is in Python.
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(os.path.dirname(os.environ["KEPT_PROGRAM"]), "tests", "engine_judge")
COUNT = os.environ.get("KEPT_HISTORIES", "20000")
SEED = os.environ.get("KEPT_HISTORIES_SEED", "1")

if not os.path.exists(os.path.join(HERE, "..", "..", "shared", "oracle", "oracle.py")):
    print("SKIPPED: needs ../shared/oracle")
    sys.exit(77)
sys.exit(subprocess.run([sys.executable, "-B", os.path.join(HERE, "oracles", "compare_engine.py"), PROGRAM, COUNT, SEED]).returncode)
