"""The command line: what is refused before anything is made, with which sentence, and how fast help is."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.__main__ import main
from experiments.compose import compose
from experiments.errors import ConfigError
from experiments.paths import conf_dir
from experiments.preflight import jobs, preflight

REFUSED = {
    "sed=3": "sed is not a key; did you mean seed.",
    "seed=": "seed='' is not allowed; a number from 0 to 9.22337e+18 is needed.",
    "seed": "seed is not an override; write KEY=VALUE, and quote values that hold commas, brackets or spaces",
    "draws=0": "draws=0 is not allowed; allowed is 1 to 100000 (draws).",
    "market=telcom": "market=telcom is not there; did you mean telecom.",
    "market=3": "market=3 is not a choice; known are ",
    "mrket=telecom": "mrket is not a key; did you mean market.",
    "scenarios=[none,actve]": "scenarios=actve is not there; did you mean active.",
    "scenarios=[]": "scenarios=[] leaves nothing to run; list at least one, as in scenarios=[none,active].",
    "goal.metric=churn": "goal.metric=churn cannot be judged by; did you mean churn_rate.",
    "goal.metric=contacts": "goal.metric=contacts cannot be judged by; ",
    "market.gate.atention=1": "market.gate.atention is not a key; did you mean attention.",
    "market.gate.attention=2": "market.gate.attention=2 is not allowed; allowed is 1e-07 to 1 (per day, renewal or purchase).",
    "market.gate.attention=[1": "market.gate.attention=[1 is not an override; write KEY=VALUE",
    "market.gate.attention=.1,.2": "market.gate.attention=.1,.2 gives several values; add -m to run one after the other",
    "market.gate.per=dy": "market.gate.per=dy is not allowed; allowed are day, renewal, purchase; did you mean day.",
    "+market.gate.x=1": "market.gate.x is not a key of Gate; known are ",
    "~market.gate.attention": "market.gate.attention is missing; give a number from 1e-07 to 1 ",
    "customers.segments.deal.share=.9": "customers.segments: the shares sum to ",
    "baseline=nothing": "baseline=nothing is not among the scenarios; known are ",
    "focal=nobody": "focal=nobody is not a provider of this market; known are ",
    "language=de": "language=de is not allowed; allowed are en.",
    "executor=mpi": "executor=mpi is not there; known are dask, local.",
    "executor.workers=-1": "executor.workers=-1 is not allowed; allowed is 0 to 4096 (processes).",
    "experiment.equal_spend=maybe": "experiment.equal_spend=maybe is not allowed; true or false is needed.",
    "+scenarios.active.rivals={Nobody: {}}": "scenarios.active.rivals.Nobody is not a rival in this market; known are ",
    "scenarios.placebo.focal.placebo._target_=os.system": "scenarios.placebo.focal.placebo._target_=os.system is not a registered strategy; ",
    "+strategy@scenarios.active.focal.more=plcebo": "strategy=plcebo is not there; did you mean placebo.",
}  # fmt: skip


PATTERNS = {
    "market": ("*", "*.*", "*.*.*"),
    "customers": ("segments.*.share", "correlations.*.value"),
    "segment": ("*",),
    "strategy": ("*",),
    "targeting": ("*",),
    "network": ("*",),
    "dialogue": ("*",),
    "rules": ("*",),
    "drift": ("*",),
}


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose own configuration is the shipped one with evidence in a few lines, which composes faster."""
    folder = tmp_path_factory.mktemp("light")
    for path in conf_dir().rglob("*.yaml"):
        group = path.parent.name
        text, found, _ = path.read_text("utf-8").partition("\nevidence:\n")
        if found:
            told = ", ".join(f'"{pattern}": {{source: a test}}' for pattern in PATTERNS[group])
            text = f"{text}\nevidence: {{{told}}}\n"
        text = text.replace("[none, today, placebo, passive, active, blend]", "[none, placebo, active]")
        copy = folder / "tenure_conf" / path.relative_to(conf_dir())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("override", REFUSED)
def test_a_mistake_is_said_in_one_sentence(
    override: str, light: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(light)
    with pytest.raises(ConfigError) as error:
        preflight([override])
    assert str(error.value).startswith(REFUSED[override])
    assert "\n" not in str(error.value)


def test_the_default_question_passes() -> None:
    preflight([])


def test_exit_code_2_and_one_line_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["market=telcom"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "tenure: market=telcom is not there; did you mean telecom.\n"


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--foo"])
    assert stop.value.code == 2


def test_a_sweep_is_checked_value_by_value(light: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(light)
    assert list(jobs(["seed=1,2", "market=telecom", "draws=range(1,4)"])) == [
        ["seed=1", "market=telecom", "draws=1"],
        ["seed=2", "market=telecom", "draws=1"],
        ["seed=1", "market=telecom", "draws=2"],
        ["seed=1", "market=telecom", "draws=3"],
    ]
    assert [job[0] for job in jobs(["executor=glob(*)"])] == ["executor=dask", "executor=local"]
    with pytest.raises(ConfigError, match=r"^market=tlecom is not there; did you mean telecom\.$"):
        preflight(["-m", "market=telecom,tlecom"])


def test_help_answers_without_loading_libraries() -> None:
    program = (
        "import sys; from experiments.__main__ import main; code = main(['--help']); "
        "libraries = {'numpy', 'numba', 'pandas', 'hydra', 'omegaconf', 'yaml', 'rich', 'multiprocessing'}; "
        "heavy = libraries & set(sys.modules); "
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    assert done.returncode == 0, done.stderr
    for word in ("market", "telecom", "scenarios", "replicates", "executor.workers", "tenure market=saas"):
        assert word in done.stdout
    # The bar is 0.3 s; a busy machine gets its due.
    assert took < 1.5


@pytest.mark.slow
def test_a_market_of_ones_own_is_found_and_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "tenure_conf" / "market"
    own.mkdir(parents=True)
    shipped = (conf_dir() / "market" / "telecom.yaml").read_text("utf-8")
    (own / "mine.yaml").write_text(shipped.replace("title: ", "title: My ", 1), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert compose(["market=mine"]).world.market.title.startswith("My ")
    assert not compose().world.market.title.startswith("My ")
    (own / "telecom.yaml").write_text(shipped + "\n  broken: [1\n", "utf-8")
    with pytest.raises(ConfigError, match=r"telecom\.yaml, line \d+: this is not YAML"):
        compose()
