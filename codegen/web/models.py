"""What the API takes and gives: requests are checked against these models, ``openapi.json`` is printed from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from symbolic.network.builtin import builtin_specs

Lang = Literal["en", "ru"]
Notation = Literal["lecture", "bishop"]
Form = Literal["chain", "expanded", "backprop", "matrix"]
Sizes = Annotated[dict[str, Annotated[int, Field(ge=1, le=10_000)]], Field(max_length=40)]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SpecRequest(Request):
    """A network: the name of a built-in one, the text of a TOML spec, or the same as a table.  Never a path."""

    spec: Annotated[str, Field(max_length=20_000)] | dict[str, Any] = Field(
        description="a built-in name, TOML text, or a table", examples=[builtin_specs()[0]]
    )
    lang: Lang = "en"


class DeriveRequest(SpecRequest):
    wrt: Annotated[str, Field(max_length=100)] | None = Field(None, description="one parameter; all when left out")
    form: Form | None = Field(None, description="how much is substituted; what suits the network when left out")
    detail: Literal["line", "rule"] = "line"
    notation: Notation = "lecture"


class CodeRequest(SpecRequest):
    target: Literal["numpy"] = "numpy"
    dtype: Literal["float64", "float32"] = "float64"


class CheckRequest(SpecRequest):
    sizes: Sizes = Field(default_factory=dict, description="numbers for named sizes, before those of the spec")
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0


class NumbersRequest(CheckRequest):
    sample: Annotated[int, Field(ge=1, le=3)] = 1


class GraphRequest(SpecRequest):
    backward: bool = False
    notation: Notation = "lecture"


class MarkRequest(Request):
    """A derivation in LaTeX; its network is ``spec``, or what its own %! header declares."""

    text: Annotated[str, Field(max_length=20_000)]
    spec: Annotated[str, Field(max_length=20_000)] | dict[str, Any] | None = None
    lang: Lang = "en"
    diagnose: Literal["none", "first", "all"] = Field("first", description="which wrong lines are searched for a slip")


class PreviewRequest(Request):
    latex: Annotated[list[Annotated[str, Field(max_length=4_000)]], Field(max_length=60)]


class ExerciseRequest(SpecRequest):
    wrt: Annotated[str, Field(max_length=100)] | None = None
    blanks: Annotated[list[Annotated[int, Field(ge=1, le=2_000)]], Field(max_length=200)] = Field(default_factory=list)


class ExerciseCheckRequest(ExerciseRequest):
    answers: Annotated[dict[int, Annotated[str, Field(max_length=2_000)]], Field(max_length=200)]
    hints: Literal["kind", "sentence"] = "sentence"
    only: Annotated[int, Field(ge=1)] | None = Field(None, description="judge this blank alone")


class TrainRequest(CheckRequest):
    data: Literal["blobs", "moons", "xor", "own"] = "moons"
    rows: Annotated[list[list[float]], Field(max_length=200)] = Field(
        default_factory=list, description="own data: inputs, then the target, row by row"
    )
    optimizer: Annotated[str, Field(max_length=40)] = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=1e6)] | None = None
    epochs: Annotated[int, Field(ge=1, le=2_000)] = 200


class DownloadRequest(DeriveRequest):
    format: Literal["tex", "py", "html", "toml"] = "tex"


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SpecLine(Answer):
    name: str
    hash: str
    inputs: dict[str, str]
    sizes: dict[str, int]


class Specs(Answer):
    specs: list[SpecLine]


class ParameterShape(Answer):
    name: str
    shape: str


class Parsed(Answer):
    hash: str
    name: str
    summary: str
    parameters: list[ParameterShape]
    sizes: dict[str, int]
    missing_sizes: list[str]
    toml: str


class Formula(Answer):
    latex: str
    mathml: str
    text: str


class Equation(Answer):
    latex: str
    mathml: list[str]
    keys: list[str]


class NumberedEquation(Equation):
    number: int
    key: str
    others: list[int]


class Step(Answer):
    rule: str
    law: str
    before: str
    after: str
    evidence: str
    steps: list[Step]


class Line(Answer):
    id: str
    number: int
    latex: str
    mathml: list[str]
    text: str
    because: str
    because_html: str
    rule: str
    evidence: str
    keys: list[str]
    step: Step | None


class Chain(Answer):
    id: str
    wrt: str
    form: str
    goal: Formula
    lines: list[Line]
    shared: str
    latex: str


class Derived(Answer):
    hash: str
    name: str
    parameters: list[str]
    missing_sizes: list[str]
    definitions: list[Equation]
    chains: list[Chain]
    slopes: list[Chain]
    equations: list[NumberedEquation]
    forward: int = Field(description="so many of the equations are the network's own")
    notes: list[str]
    remarks: list[str]
    graph: str
    backward: str
    code: bool = Field(description="whether every function has a formula, so that there is code")


class CodeStatement(Answer):
    number: int
    text: str
    equations: list[int]
    defines: list[str]
    uses: list[str]
    folded: bool


class Code(Answer):
    source: str
    lines: list[CodeStatement]


class Graph(Answer):
    svg: str


class Numbers(Answer):
    values: dict[str, str]


class CheckedParameter(Answer):
    name: str
    shape: str
    error: float | None
    worst: str


class Checked(Answer):
    parameters: list[CheckedParameter]
    setting: str
    second: str
    notes: list[str]
    agrees: bool


class Place(Answer):
    start: int
    end: int


class MarkedLine(Answer):
    number: int
    chain: int
    latex: str
    verdict: Literal["proved", "agrees", "refuted", "not understood", "given"]
    span: Place | None = None
    wrong_span: Place | None = None
    rule: str = ""
    kind: str = ""
    diagnosis: list[dict[str, str]] = Field(default_factory=list, description="pieces: text, or latex with mathml")
    repair: str = ""
    repair_mathml: str = ""
    read_as: str = ""
    counterexample: str = ""
    note: str = ""
    unchanged: bool = False
    follows_wrong: bool = False
    ended: bool = False


class Marked(Answer):
    verdict: Literal["correct", "wrong", "not understood"]
    summary: str
    lines: list[MarkedLine]
    first_wrong: int | None
    finished: bool | None = None
    notes: list[str]


class Previewed(Answer):
    mathml: list[str]


class ExerciseLine(Answer):
    number: int
    chain: int
    goal: str
    mathml: list[str] | None
    latex: str | None
    because: str


class Exercise(Answer):
    id: str
    name: str
    definitions: list[Equation]
    lines: list[ExerciseLine]
    unread: list[int] = Field(description="lines that cannot be checked, so they are no blanks")


class AnswerVerdict(Answer):
    number: int
    verdict: Literal["empty", "right", "no step", "wrong", "not read"]
    kind: str = ""
    sentence: list[dict[str, str]] = Field(default_factory=list)
    mathml: str = ""


class ExerciseChecked(Answer):
    lines: list[AnswerVerdict]
    score: float = Field(description="from 0 to 1")


class Trained(Answer):
    loss: list[float]
    before: float
    after: float
    accuracy: float | None
    sample: list[list[float]]
    field: list[list[float]] | None
    bounds: list[float] | None
    epochs: int


class Download(Answer):
    name: str
    text: str


class Health(Answer):
    version: str
    workers: int
    busy: int


class ErrorBody(Answer):
    code: str
    message: str
    where: str = ""


class ErrorAnswer(Answer):
    error: ErrorBody
