"""Workers: what is late is killed, what is gone is replaced, and nobody else notices."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Any

import httpx
import pytest
from asking import PATIENT, Server, patient

from codegen.web import jobs
from codegen.web.failures import Failure
from codegen.web.settings import Limits, settings
from codegen.web.workers import Workers
from symbolic.errors import SpecError
from symbolic.fuel import at_most, spend
from symbolic.network import budget
from symbolic.words import Text


def spin(asked):
    while True:
        pass


def hog(asked):
    return len(bytearray(asked["bytes"]))


def die(asked):
    os.kill(os.getpid(), signal.SIGKILL)


def nap(asked):
    time.sleep(asked["seconds"])
    return os.getpid()


def refuse(asked):
    raise SpecError(Text("width is missing", "нет ключа width")).at("nodes.z")


def grow(asked):
    with at_most(10):
        spend(11)


def break_down(asked):
    raise KeyError("unforeseen\nin two lines")


@pytest.fixture(scope="module")
def loop():
    found = asyncio.new_event_loop()
    yield found
    found.close()


@pytest.fixture(scope="module")
def workers():
    found = Workers(1, Limits(seconds=60, memory=1 << 30, waiting=3))
    yield found
    found.close()


def failure(loop, workers, job, asked=None, seconds=None) -> Failure:
    with pytest.raises(Failure) as refused:
        loop.run_until_complete(workers.run(job, asked or {}, seconds))
    assert "\n" not in refused.value.message()
    return refused.value


def works(loop, workers) -> int:
    return loop.run_until_complete(workers.run(nap, {"seconds": 0}))


def test_a_job_that_spins_is_stopped_at_its_processor_time_and_its_worker_goes_on(loop, workers):
    before = works(loop, workers)
    assert failure(loop, workers, spin, seconds=0.5).code == "time"
    assert works(loop, workers) == before


def test_a_job_that_does_not_heed_its_deadline_is_killed_and_the_next_request_is_served(loop, workers):
    before = works(loop, workers)
    assert failure(loop, workers, nap, {"seconds": 60}, seconds=0.2).code == "time"
    assert works(loop, workers) != before


def test_waiting_for_a_processor_is_no_work(loop, workers):
    assert loop.run_until_complete(workers.run(nap, {"seconds": 1}, seconds=0.5))


def test_work_of_too_many_steps_is_told_and_its_worker_goes_on(loop, workers):
    before = works(loop, workers)
    assert failure(loop, workers, grow).message("ru").startswith("слишком длинно")
    assert works(loop, workers) == before


@pytest.mark.parametrize("job", [jobs.derive, jobs.code, jobs.check, jobs.download])
def test_the_work_on_a_network_is_counted_in_steps(monkeypatch, job):
    for name in ("A_NETWORK", "A_DEFINITION"):
        monkeypatch.setattr(budget, name, 10)
    asked: dict[str, Any] = {
        "spec": "mlp_classifier",
        "wrt": None,
        "form": "backprop",
        "detail": "rule",
        "notation": "lecture",
    }
    asked |= {"lang": "en", "dtype": "float64", "sizes": {}, "seed": 7, "format": "tex"}
    with pytest.raises(SpecError, match="too long"):
        job(asked)


def test_a_worker_that_is_lost_loses_one_request_which_is_told(loop, workers):
    assert failure(loop, workers, die).code == "lost"
    works(loop, workers)


def test_a_job_has_no_more_memory_than_it_was_given(loop, workers):
    before = works(loop, workers)
    assert failure(loop, workers, hog, {"bytes": 3 << 30}).code == "lost"
    assert works(loop, workers) == before


def test_what_a_job_refuses_is_told_with_its_place(loop, workers):
    told = failure(loop, workers, refuse)
    assert (told.code, told.message(), told.where) == ("spec", "nodes.z: width is missing", "nodes.z")
    assert told.message("ru") == "nodes.z: нет ключа width"


def test_what_nobody_foresaw_is_named_a_fault_in_one_line(loop, workers):
    assert failure(loop, workers, break_down).code == "fault"


def test_more_than_may_wait_are_turned_away(loop, workers):
    async def crowd():
        asked = [asyncio.ensure_future(workers.run(nap, {"seconds": 0.3})) for _ in range(5)]
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = loop.run_until_complete(crowd())
    assert [one.code for one in answers if isinstance(one, Failure)] == ["busy", "busy"]


def test_who_leaves_takes_the_work_along(loop, workers):
    works(loop, workers)

    async def leave():
        task = asyncio.ensure_future(workers.run(spin, {}))
        await asyncio.sleep(1.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        began = time.monotonic()
        await workers.run(nap, {"seconds": 0})
        return time.monotonic() - began

    assert loop.run_until_complete(leave()) < 30
    assert workers.pending == 0


def test_a_client_that_leaves_is_noticed():
    from codegen.web.api import until_left

    class Gone:
        async def receive(self):
            return {"type": "http.disconnect"}

    async def asked():
        with pytest.raises(Failure, match="left"):
            await until_left(asyncio.sleep(60, ""), Gone())  # type: ignore[arg-type]

    asyncio.run(asyncio.wait_for(asked(), 5))


def test_one_client_may_not_fill_the_queue():
    server = Server(patient(limits=Limits(seconds=60, memory=PATIENT.memory, per_client=1)))
    try:

        async def two(client: httpx.AsyncClient):
            asked = [client.post("/api/v1/parse", json={"spec": name}) for name in ("one_neuron", "conv1d")]
            return await asyncio.gather(*asked)

        found = server.do(two)
        assert sorted(one.status_code for one in found) == [200, 429]
        assert next(one for one in found if one.status_code == 429).headers["retry-after"]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"host": "0.0.0.0"}, "say --public"),
        ({"workers": 0}, "--workers 0"),
        ({"port": 70000}, "--port 70000"),
        ({"seconds": 0.0}, "--seconds 0"),
        ({"only": "mark,train"}, "--only train"),
        ({"origins": ("moodle",)}, "--allow-origin"),
        ({"ancestors": ("https://a.example; script-src *",)}, "--frame-ancestors"),
    ],
)
def test_settings_that_do_not_fit_are_refused(given, complaint):
    with pytest.raises(SpecError, match=complaint):
        settings(**given)


def test_a_public_server_gives_each_request_less():
    home, public = settings(), settings(host="0.0.0.0", public=True)
    assert public.limits.seconds < home.limits.seconds
    assert public.limits.memory < home.limits.memory
    assert public.limits.waiting < home.limits.waiting
