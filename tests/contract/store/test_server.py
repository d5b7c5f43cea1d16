"""The tests' own PostgreSQL: nothing of it is left behind, even by a run that is killed."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.contract.engine.conftest import wait_until

ROOT = Path(__file__).parents[3]
OWNER = """
import time
from tests.services.postgres import running_postgres
with running_postgres() as server:
    print(server.dsn, flush=True)
    time.sleep(600)
"""


def answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_a_server_ends_with_the_run_that_started_it() -> None:
    environ = {k: v for k, v in os.environ.items() if k != "MAILSYNC_TEST_DSN"} | {"PYTHONPATH": str(ROOT)}
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environ)
    assert owner.stdout is not None
    dsn = owner.stdout.readline().strip()
    assert answers(dsn)
    owner.kill()
    owner.wait()
    wait_until(lambda: not answers(dsn), 30)
