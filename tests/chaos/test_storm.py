"""Short storms in every run; `python -m tests.chaos.storm` and `python -m tests.chaos.reports` make long ones."""

import shutil
from collections.abc import Iterator

import pytest

from standalone.cluster import Cluster
from tests.chaos import reports
from tests.chaos.storm import rage
from tests.support.hall import TODAY
from tests.support.servers import open_folder

pytestmark = [pytest.mark.processes, pytest.mark.broker, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """With short leases and short retry delays, so that taking over is quick."""
    folder = open_folder("storm")
    with Cluster(folder, business_today=TODAY, throw_away=True, extra_settings=reports.SETTINGS) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


def test_nothing_is_lost_and_nothing_done_twice_while_processes_are_killed(cluster: Cluster) -> None:
    storm = rage(cluster, applications=60, kills=10)
    assert len(storm.killed) == 10
    assert storm.repeats > 0, "a storm in which no request had to be repeated proves nothing"


def test_each_report_is_made_once_while_the_worker_that_makes_it_is_killed(cluster: Cluster) -> None:
    tally = reports.rage(cluster, jobs=20, kills=3, seed=1)
    assert len(tally.killed) == 3
    assert tally.cut_off > 0, "a run in which no report was made anew proves nothing"
