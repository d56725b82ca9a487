"""Calibrate: fit a market to data, simulate it, score it, and write it so that it works at once.

calibration = calibrate(["data.path=example:subscription_survival", "experiment.column=regular"])
calibration.scores
compare([f"market={calibration.file.name}", "scenarios=[none,placebo]"])
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.calibration.findings import Calibration, command, headline, limits, unknown
from experiments.identity import same_run

if TYPE_CHECKING:
    import pandas as pd

    from experiments.calibration.buying import BuyingFit
    from experiments.calibration.market_file import MarketFile
    from experiments.calibration.stays import StaysFit
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.worlds import World

FIT = "fit.csv"
SCORES = "scores.csv"
RIDGE = "ridge.csv"
FIGURE = "fit.svg"
REPORT = "report.html"


def calibrate(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> Calibration:
    """Compose and run a calibration; the function behind `tenure experiment=calibrate`.

    Args:
        overrides: as on the command line, without `experiment=calibrate`.
        folder: where to write tables, figure and report; None makes `outputs/DATE/TIME`.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration or the data cannot be used.
    """
    from experiments.compose import compose
    from experiments.console import Console

    resolved = compose(["experiment=calibrate", *overrides])
    place = (
        Path("outputs") / f"{datetime.now().astimezone():%Y-%m-%d/%H-%M-%S}"
        if folder is None
        else Path(folder)
    )
    return calibrated(resolved, place.absolute(), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=calibrate`: fit, simulate, write, say how well it fits and what the data cannot tell.

    Returns:
        None: a calibration has no goal.
    """
    from experiments.console import Console

    calibrated(resolved, folder, Console())
    return None


def calibrated(resolved: Resolved, folder: Path, console: Console) -> Calibration:
    """Run a composed calibration.

    Args:
        resolved: the question.
        folder: where to write tables, figure and report.
        console: where to speak.

    Raises:
        ConfigError: the configuration or the data cannot be used, or the folder holds another run.
    """
    from experiments.calibration.market_file import MarketFile
    from experiments.calibration.source import kind_of, locate
    from experiments.manifest import manifest, write_manifest

    start = time.perf_counter()
    asked, settings = resolved.experiment, resolved.settings
    same_run(folder, resolved.configuration)
    path = locate(settings.data.path)
    file = MarketFile.of(asked.market)
    study, said = _study(path, asked.kind or kind_of(path, asked.columns or {}), resolved)
    console.say(said)
    found = _simulated(resolved, folder, file, study, said)
    folder.mkdir(parents=True, exist_ok=True)
    about = manifest(resolved.configuration, settings.seed)
    _write(found)
    _announce(found, console)
    write_manifest(
        {
            **about,
            "results_hash": _hash(found.table),
            "tasks_computed": found.curve.lucks,
            "tasks_reused": 0,
            "duration": round(time.perf_counter() - start, 3),
        },
        folder,
    )
    return found


def _study(path: Path, kind: str, resolved: Resolved) -> tuple[StaysFit | BuyingFit, str]:
    """The data read and fitted, and how they were read."""
    from experiments.calibration.buying import fit_buying, read_buying
    from experiments.calibration.stays import fit_stays, read_stays

    asked, seed = resolved.experiment, resolved.settings.seed
    title = f"{asked.market}, fitted to {path.name}"
    if kind == "transactions":
        buying = read_buying(path, asked)
        return fit_buying(buying, title, asked, seed), buying.said
    stays = read_stays(path, kind, asked)
    return fit_stays(stays, title, asked, seed), stays.said


def _simulated(
    resolved: Resolved, folder: Path, file: MarketFile, study: StaysFit | BuyingFit, said: str
) -> Calibration:
    """The market of a fit, written, built as anybody would, and simulated."""
    import pandas as pd

    from experiments.calibration.cohort import Simulation
    from experiments.calibration.fit_table import scores
    from experiments.calibration.fitted_market import fitted_market
    from experiments.calibration.template import template_for

    settings = resolved.settings
    template = template_for(resolved, study.fitted.occasion)
    fitted = fitted_market(study.fitted, template)
    world = checked(fitted.market, fitted.customers)
    tolerance = resolved.experiment.tolerance
    curve = study.simulate(
        Simulation(world.market, world.customers, settings.seed, settings.replicates, tolerance)
    )
    table = study.table(curve)
    ridge = pd.concat(
        [part.assign(segment=name) for name, part in study.shares.ridges.items()], ignore_index=True
    )
    columns = ["segment", *(column for column in ridge.columns if column != "segment")]
    found = Calibration(
        resolved=resolved,
        folder=folder,
        file=file,
        study=study,
        world=world,
        curve=curve,
        table=table,
        scores=scores(table),
        ridge=ridge[columns],
        said=said,
        template=template.name,
    )
    file.write(fitted, [said, *study.sentences(), *limits(found)])
    return found


def checked(market: Mapping[str, Any], customers: Mapping[str, Any]) -> World:
    """The world of a fitted market, with every number's range, evidence and ensemble checked as for any other.

    Raises:
        ConfigError: something in it would be refused.
    """
    from experiments.evidence import parameters
    from experiments.schemas import Findings
    from experiments.worlds import ENSEMBLE, build_world, ensemble_sets

    findings = Findings()
    configuration = {"market": market, "customers": customers, "scenarios": {"none": {"focal": {}}}}
    world = build_world(configuration, None, findings)
    known = parameters(findings, {})
    ensemble_sets(market[ENSEMBLE], {parameter.key: parameter.quantity for parameter in known})
    return world


def _write(found: Calibration) -> None:
    """Tables, figure and report."""
    import shlex

    from experiments.calibration.fit_figure import fit_figure
    from experiments.calibration.fit_page import FitPage, render

    figure = fit_figure(found.table, found.study.fitted.title)
    (found.folder / FIGURE).write_text(figure, "utf-8")
    for name, table in ((FIT, found.table), (SCORES, found.scores), (RIDGE, found.ridge)):
        table.to_csv(found.folder / name, index=False, lineterminator="\n")
    page = FitPage(
        title=found.study.fitted.title,
        said=found.said,
        headline=headline(found),
        figure=figure,
        caption=(
            "Dots: data, hollow where held out. Dashed: fitted model. Line: the simulated market with every strategy "
            "off; its band holds 95 % of cohorts of the data's size, if the fitted law is true."
        ),
        fits=found.study.sentences(),
        unknown=unknown(found),
        use=limits(found),
        scores=found.scores,
        ridge=found.ridge,
        table=found.table,
        command=command(found),
        rerun=shlex.join(["tenure", *found.resolved.overrides]),
    )
    (found.folder / REPORT).write_text(render(page), "utf-8")


def _announce(found: Calibration, console: Console) -> None:
    """Say what was found."""
    for line in found.study.sentences():
        console.say(line)
    console.say(f"\n{headline(found)}\n")
    rows = [
        (str(r["segment"]), str(r["part"]).replace("_", " "), str(r["series"]), *_percent(r))
        for r in found.scores.to_dict(orient="records")
    ]
    console.table(
        "Distance to the data", ("", "part", "series", "mean absolute error", "error of the total"), rows
    )
    console.say("")
    for line in (*unknown(found), *limits(found)):
        console.say(f"Note: {line}")
    report = found.folder / REPORT
    console.say(f"Market: {_short(found.file.market)}, customers: {_short(found.file.customers)}")
    console.say(f"Report: {_short(report)}")
    console.say(f"Use it: {command(found)}")


def _percent(row: Mapping[Any, Any]) -> tuple[str, str]:
    texts = [f"{row[name]:.2f} %" if row[name] == row[name] else "" for name in ("mape", "total_error")]
    return texts[0], texts[1]


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _hash(table: pd.DataFrame) -> str:
    from experiments.fingerprint import digest

    return digest([[repr(value) for value in row] for row in table.itertuples(index=False, name=None)])
