"""What every test stands on: no screen unless one is asked for, one BLAS thread, own folders."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # .ci/run sets xcb for the window tests

# settings, recent files and rescued copies of whoever runs the tests stay untouched
_own = tempfile.mkdtemp(prefix="unrolled-tests-")
atexit.register(shutil.rmtree, _own, ignore_errors=True)
for _variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = os.path.join(_own, _variable.lower())
