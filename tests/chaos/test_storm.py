"""A short storm in every run; `python -m tests.chaos.storm` makes a long one."""

import shutil

import pytest

from standalone.cluster import Cluster
from tests.chaos.storm import rage
from tests.support.hall import TODAY
from tests.support.servers import open_folder

pytestmark = [pytest.mark.processes, pytest.mark.broker, pytest.mark.timeout(300)]


def test_nothing_is_lost_and_nothing_done_twice_while_processes_are_killed() -> None:
    folder = open_folder("storm")
    extra = {"job_lease_seconds": 2, "retry_delays": [0.2, 0.5, 1, 2, 5, 10]}
    with Cluster(folder, business_today=TODAY, throw_away=True, extra_settings=extra) as cluster:
        storm = rage(cluster, applications=60, kills=10)
    shutil.rmtree(folder, ignore_errors=True)
    assert len(storm.killed) == 10
    assert storm.repeats > 0, "a storm in which no request had to be repeated proves nothing"
