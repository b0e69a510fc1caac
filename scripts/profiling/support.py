"""What the tests share: importing it lets them find the package, from wherever they are started."""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.dirname(FOLDER)
TESTDATA = os.path.join(FOLDER, "testdata")

sys.path.insert(0, SCRIPTS)
