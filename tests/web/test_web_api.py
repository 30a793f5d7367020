"""The API: every endpoint answers for every built-in network as its description says, and refuses in one line."""

from __future__ import annotations

import json
import re

import pytest
from asking import Server, patient
from rarely import small_specs

from codegen.web import models
from codegen.web.addresses import fragment, state
from codegen.web.api import ENDPOINTS
from codegen.web.jobs import toml_of
from codegen.web.keys import statements
from codegen.web.openapi import openapi
from symbolic.errors import SpecError
from symbolic.network.builtin import builtin_specs
from symbolic.network.network import Network

OPEN = 'loss = "squared"\n[inputs]\nx = "D"\n[nodes.p]\ninputs = ["x"]\nwidth = 1\nactivation = "tanh"\n'
SLIP = r"\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^N 2(y_i - p_i) p_i (1 - p_i) x_i \]"


def one_line(response) -> str:
    """The message of a refusal; it is one line, and no trace of Python is in it."""
    message = response.json()["error"]["message"]
    assert message
    assert "\n" not in message
    assert "Traceback" not in response.text
    return message


@pytest.mark.parametrize("name", ["one_neuron", *(pytest.param(n, marks=pytest.mark.slow) for n in small_specs())])
def test_each_endpoint_answers_each_network_as_its_model_says(server: Server, name):
    asked = {"spec": name}
    network = Network.load(name)
    sizes = {size: 3 for size in network.size_names if size not in network.sizes}
    models.Parsed.model_validate(server.ask("parse", **asked))
    derived = models.Derived.model_validate(server.ask("derive", **asked))
    assert derived.chains
    assert models.Code.model_validate(server.ask("code", **asked)).lines
    checked = models.Checked.model_validate(server.ask("check", **asked, sizes=sizes))
    assert checked.agrees
    assert models.Numbers.model_validate(server.ask("numbers", **asked, sizes=sizes)).values["v:Q"]
    assert "<svg" in models.Graph.model_validate(server.ask("graph", **asked, backward=True)).svg
    assert "align" in server.ask("download", **asked, format="tex")["text"]
    exercise = models.Exercise.model_validate(server.ask("exercise", **asked, blanks=[1]))
    assert exercise.lines[0].mathml is None


def test_marking_a_training_and_the_rest_answer_as_their_models_say(server: Server):
    marked = models.Marked.model_validate(server.ask("mark", spec="one_neuron", text=SLIP))
    assert (marked.verdict, marked.first_wrong, marked.lines[0].kind) == ("wrong", 1, "sign")
    span = marked.lines[0].span
    assert span is not None
    assert SLIP[span.start : span.end] == marked.lines[0].latex
    trained = models.Trained.model_validate(server.ask("train", spec="one_hidden_layer", data="blobs", epochs=40))
    assert trained.after < trained.before
    assert trained.field is not None
    assert len(trained.field) == len(trained.field[0])
    assert models.Previewed.model_validate(server.ask("preview", latex=[r"\frac12", r"\foo"])).mathml[1] == ""
    assert {one["name"] for one in server.get("/api/v1/specs").json()["specs"]} == set(builtin_specs())
    models.Health.model_validate(server.get("/api/v1/health").json())


def test_a_spec_of_ones_own_without_sizes_has_a_derivation_and_code_and_asks_for_numbers(server: Server):
    assert server.ask("derive", spec=OPEN)["missing_sizes"] == ["D"]
    assert "def functions" in server.ask("code", spec=OPEN)["source"]
    refused = server.post("/api/v1/check", {"spec": OPEN})
    assert refused.status_code == 422
    assert one_line(refused).startswith("sizes: no number for D")
    assert server.ask("check", spec=OPEN, sizes={"D": 4})["agrees"]


def in_russian(response) -> bool:
    return re.search("[а-яё]{3}", one_line(response)) is not None


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_reasons_come_in_both_languages(server: Server, lang):
    said = " ".join(
        line["because"] for line in server.ask("derive", spec="one_neuron", lang=lang)["chains"][0]["lines"]
    )
    assert any("а" <= c <= "я" for c in said) == (lang == "ru")


@pytest.mark.parametrize(
    "spec",
    ["", "x", "x = ", "[" * 5000, "a = " + "{a=" * 500, "../../etc/passwd", "/etc/passwd", "name = '<script>'", "\x00",
     OPEN.replace("tanh", "exp(" * 40 + "u" + ")" * 40), OPEN.replace("tanh", "(" * 90 + "u" + ")" * 90),
     OPEN.replace("tanh", " + ".join(f"tanh({k}*u)" for k in range(300))), {"a": [[]]}, OPEN.replace('"D"', '"D D"')],
    ids=lambda spec: str(spec)[:12],
)  # fmt: skip
def test_a_spec_that_cannot_be_used_is_refused_in_one_line(server: Server, spec):
    response = server.post("/api/v1/derive", {"spec": spec})
    assert response.status_code == 422, response.text
    assert not in_russian(response)
    assert in_russian(server.post("/api/v1/derive", {"spec": spec, "lang": "ru"}))


@pytest.mark.slow
def test_the_blocks_of_a_step_and_what_they_are_blocks_of_are_shown(server: Server):
    answer = server.post("/api/v1/derive", {"spec": "lstm", "wrt": "w_f", "form": "chain"}).json()
    assert "s_i^t = (h_i^t, c_i^t), \\quad i = 1, \\dots, N, \\quad t = 1, \\dots, T" in [
        one["latex"] for one in answer["definitions"]
    ]
    blocks = [one["goal"]["latex"] for one in answer["slopes"] if one["wrt"] == "s"]
    assert [re.findall(r"partial ([hc])_", one) for one in blocks] == [[*"hh"], [*"hc"], [*"ch"], [*"cc"]]


def test_sizes_that_would_fill_the_memory_are_refused_before_the_work(server: Server):
    for name in ("check", "numbers"):
        response = server.post(f"/api/v1/{name}", {"spec": "one_hidden_layer", "sizes": {"D": 10_000, "J": 10_000}})
        assert response.status_code == 422
        assert one_line(response).startswith("too large")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"spec": "one_neuron", "frm": 1}', "application/json", 422),
        (b'{"spec": "one_neuron", "form": "x"}', "application/json", 422),
        (b'{"spec": 3}', "application/json", 422),
        (b"\xff", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b'{"spec": "one_neuron"}', "text/plain", 415),
        (b'{"spec": "one_neuron"}', "", 415),
        (b" " * 200_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_request_is_refused_with_its_status(server: Server, body, kind, status):
    response = server.post("/api/v1/derive", content=body, headers={"content-type": kind} if kind else {})
    assert response.status_code == status
    assert not in_russian(response)
    spoken = {"accept-language": "ru-RU, en;q=0.8", **({"content-type": kind} if kind else {})}
    assert in_russian(server.post("/api/v1/derive", content=body, headers=spoken))


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/parts/nothing", "/api/v1/specs"])
def test_an_address_that_is_none_is_told_in_the_language_of_the_browser(server: Server, path):
    assert not in_russian(server.post(path, {}))
    assert in_russian(server.post(path, {}, headers={"accept-language": "ru"}))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("check", {"spec": OPEN}),
        ("check", {"spec": "one_hidden_layer", "sizes": {"D": 10_000, "J": 10_000}}),
        ("derive", {"spec": "one_neuron", "wrt": "nobody"}),
        ("exercise", {"spec": "one_neuron", "blanks": [500]}),
        ("mark", {"text": "a = b"}),
        ("mark", {"text": "%! foo\n$$ a = b $$"}),
        ("mark", {"text": "a = " + "{" * 60 + "b" + "}" * 60, "spec": "one_neuron"}),
        ("train", {"spec": "one_neuron", "data": "own", "rows": [[1, 2], [1, 2, 3]]}),
        ("numbers", {"spec": OPEN}),
        ("download", {"spec": "x = "}),
    ],
)
def test_every_endpoint_refuses_in_the_language_that_was_asked(server: Server, name, asked):
    assert not in_russian(server.post(f"/api/v1/{name}", {**asked, "lang": "en"}))
    assert in_russian(server.post(f"/api/v1/{name}", {**asked, "lang": "ru"}))


def test_strangers_names_are_not_answered(server: Server):
    assert server.get("/", host="evil.example").status_code == 400
    assert server.get("/api/v1/health", host="127.0.0.1.evil.example").status_code == 400
    assert server.get("/api/v1/health", host="localhost").status_code == 200


def test_another_site_may_not_ask(server: Server):
    asked = {"spec": "one_neuron"}
    response = server.post("/api/v1/parse", asked, headers={"origin": "https://evil.example"})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_every_answer_says_what_a_browser_may_do_with_it(server: Server):
    for path in (
        "/",
        "/mark",
        "/nowhere",
        "/api/v1/health",
        "/api/v1/nothing",
        "/static/app.css",
        "/static/..%2fapp.py",
    ):
        headers = server.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert server.get("/static/..%2fapp.py").status_code == 404
    assert server.post("/api/v1/derive", {}).headers["content-security-policy"]


def test_the_description_speaks_of_all_that_there_is(server: Server):
    described = server.get("/api/v1/openapi.json").json()
    assert described == json.loads(json.dumps(openapi(ENDPOINTS)))
    assert set(described["paths"]) == {*(f"/api/v1/{one.name}" for one in ENDPOINTS), "/api/v1/health"}
    references = set()

    def walk(node):
        if isinstance(node, dict):
            references.update([node["$ref"]] if "$ref" in node else [])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(described)
    assert {one.rpartition("/")[2] for one in references} <= set(described["components"]["schemas"])


def test_the_examples_of_the_api_page_work(server: Server):
    from codegen.web.pages import example

    for one in ENDPOINTS:
        if one.takes is not None and one.name != "train":
            one.takes.model_validate_json(example(one))


def test_an_answer_has_a_tag_and_is_not_sent_twice(server: Server):
    first = server.post("/api/v1/parse", {"spec": "one_neuron"})
    again = server.post("/api/v1/parse", {"spec": "one_neuron"}, headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_a_server_of_some_parts_has_no_others():
    some = Server(patient(only="mark,exercise"))
    try:
        assert some.get("/").status_code == 307
        assert some.get("/mark").status_code == 200
        for path in ("/derive/one_neuron", "/api", "/api/v1/openapi.json"):
            assert some.get(path).status_code == 404
        assert some.post("/api/v1/derive", {"spec": "one_neuron"}).status_code == 404
        assert some.post("/parts/derive", {"spec": "one_neuron"}).status_code == 404
    finally:
        some.close()


def test_links_round_trip_and_a_cut_one_is_told():
    for name in small_specs():
        values = {"spec": toml_of(name), "form": "chain", "blanks": [1, 2]}
        packed = fragment(values)
        assert state("#" + packed) == values
        with pytest.raises(SpecError, match="cut or changed"):
            state(packed[:-9])
    with pytest.raises(SpecError, match="too long for a link"):
        fragment({"spec": "".join(chr(33 + k * k * 7919 % 9000) for k in range(9000))})


@pytest.mark.parametrize("name", ["one_hidden_layer", "scalar_graph", "attention"])
@pytest.mark.slow
def test_each_statement_of_the_code_belongs_to_the_equations_above_it(name):
    from codegen.targets.numpy.emit import emit
    from symbolic.derivation.adjoint import adjoint
    from symbolic.network.objective import build_objective

    objective = build_objective(Network.load(name))
    every = (*objective.definitions, *adjoint(objective).definitions)
    source = emit(Network.load(name))
    lines = statements(source, every)
    assert "\n".join(one.text for one in lines) == source.rstrip("\n")
    assert {key for one in lines for key in one.defines} >= {f"e:{p.name}" for p in objective.parameters}
    for one in lines:
        assert len(one.defines) == len(one.equations)
        assert not (one.folded and one.equations)


def test_a_token_is_asked_of_programs_and_not_of_our_own_page():
    from dataclasses import replace

    guarded = Server(replace(patient(), token="0123456789abcdef"))
    own = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    try:
        for path in ("/api/v1/parse", "/parts/derive"):
            assert guarded.post(path, {"spec": "one_neuron"}).status_code == 401
            assert guarded.post(path, {"spec": "one_neuron"}, headers={"authorization": "Bearer x"}).status_code == 401
        asked = {"spec": "one_neuron"}
        assert guarded.post("/api/v1/parse", asked, headers=own).status_code == 200
        bearer = {"authorization": "Bearer 0123456789abcdef"}
        assert guarded.post("/api/v1/parse", asked, headers=bearer).status_code == 200
    finally:
        guarded.close()


def test_a_site_that_was_named_may_ask_and_show_the_page():
    some = Server(patient(origins=("https://moodle.example",), ancestors=("https://moodle.example",)))
    theirs = {"origin": "https://moodle.example"}
    try:
        answer = some.post("/api/v1/parse", {"spec": "one_neuron"}, headers=theirs)
        assert answer.headers["access-control-allow-origin"] == "https://moodle.example"
        assert "frame-ancestors https://moodle.example" in answer.headers["content-security-policy"]
        asked = {**theirs, "access-control-request-method": "POST"}
        assert some.do(lambda client: client.options("/api/v1/parse", headers=asked)).status_code == 200
    finally:
        some.close()


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_pages_are_whole_without_scripts(server: Server, lang):
    page = server.get(f"/derive/one_neuron?lang={lang}")
    if "<math" not in page.text:  # the first time it may take longer than a page waits
        server.ask("derive", spec="one_neuron", lang=lang, notation="lecture")
        page = server.get(f"/derive/one_neuron?lang={lang}")
    assert f'<html lang="{lang}">' in page.text
    assert 'data-key="v:p"' in page.text
    assert "<script>" not in page.text
    assert server.get("/derive/nothing").status_code == 404


def test_no_file_of_the_page_speaks_of_another_host():
    import re
    from pathlib import Path

    from codegen import web

    folder = Path(web.__file__).parent
    for file in (*folder.glob("static/*"), *folder.glob("templates/*")):
        hosts = set(re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.[a-z]{2,}", file.read_text(encoding="utf-8")))
        assert hosts <= {"http://www.w3.org"}, file
