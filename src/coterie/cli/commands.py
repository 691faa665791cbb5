"""The commands: each reads its arguments, calls the public face, and prints. Imports that cost time stand inside."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.options import AsOf, Config, Data, Engine, Json, Memory, Seed, WriteTo
from coterie.cli.terminal import Stages, one_sentence, put_json, say
from coterie.engines import DIALECTS

app = typer.Typer(
    name="coterie",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turn a shop's raw tables into customer segments that can be trusted and used.\n\n"
    "Start with `coterie demo`, then `coterie segment DATA -o RUN`.",
)


class FileFormat(StrEnum):
    """Formats the sample can be written in."""

    csv = "csv"
    parquet = "parquet"
    xlsx = "xlsx"


class Separation(StrEnum):
    """How far apart the planted groups of the sample are."""

    wide = "wide"
    realistic = "realistic"


def _day(text: str | None, option: str) -> dt.date | None:
    """The day that an option names."""
    from coterie.settings import as_day

    return None if text is None else as_day(text, option)


def _version(wanted: bool) -> None:
    if wanted:
        from coterie import __version__

        print(f"coterie {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to put shop and run.")] = Path(
        "coterie-demo"
    ),
    customers: Annotated[int, typer.Option(help="Customers of the shop.", min=1)] = 1000,
    seed: Seed = 0,
) -> None:
    """Make a sample shop, segment it and write its report.

    Example: coterie demo
    """
    with one_sentence():
        from coterie.api import sample
        from coterie.cli.running import segment_to

        with Stages() as stages:
            stages("Make a sample shop")
            directory.mkdir(parents=True, exist_ok=True)
            shop = sample(directory / "shop", customers=customers, seed=seed)
        segment_to(shop, directory / "run", as_json=False, seed=seed)
        say("")
        print((directory / "run" / "report.html").resolve())


@app.command()
def check(
    data: Data,
    as_of: AsOf = None,
    engine: Engine = None,
    memory: Memory = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Tell what is in the data and what is wrong with it.

    Example: coterie check shop/
    """
    with one_sentence():
        from coterie.cli.checking import print_quality
        from coterie.tables import read

        day = _day(as_of, "--as-of")
        with Stages(quiet=json) as stages:
            stages("Read and check the tables")
            tables = read(data, as_of=day, engine=engine, memory=memory, config=config)
        if json:
            put_json(tables.quality)
        else:
            print_quality(tables)


@app.command()
def segment(
    data: Data,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="RUN", help="Run folder to write.")],
    preset: Annotated[str | None, typer.Option(help="Feature preset; `coterie features` lists them.")] = None,
    features: Annotated[str | None, typer.Option(help="Features to cluster on instead, separated by commas.")] = None,
    k: Annotated[int | None, typer.Option("--k", help="Number of segments; chosen when left out.")] = None,
    k_range: Annotated[
        str | None, typer.Option(metavar="LOW-HIGH", help="Numbers of segments to try.", show_default="2-10")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of every random choice.", min=0, show_default="0")] = None,
    as_of: AsOf = None,
    algorithm: Annotated[
        str | None,
        typer.Option(help="Way to find groups: k-means, ward, mixture, hdbscan or rfm.", show_default="k-means"),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Try every way to find groups, and tell which to use.")
    ] = False,
    include_inactive: Annotated[
        bool, typer.Option("--include-inactive", help="Cluster customers without any event too.")
    ] = False,
    playbook: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Advice rules (TOML) that replace ours.")
    ] = None,
    no_evidence: Annotated[bool, typer.Option("--no-evidence", help="Do not judge how real the segments are.")] = False,
    cut: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Last day known when looking whether the differences last."),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(
            help="What to count after it: burns, claims or burn_rate; with orders sales or orders.",
            show_default="burns, or sales",
        ),
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Do not write report.html.")] = False,
    engine: Engine = None,
    memory: Memory = None,
    config: Config = None,
    write_to: WriteTo = None,
    json: Json = False,
) -> None:
    """Find the segments, name and judge them; write report and list.

    Example: coterie segment shop/ -o runs/november
    """
    with one_sentence():
        from coterie.cli.running import parse_range, segment_to

        segment_to(
            data,
            output,
            as_json=json,
            report=not no_report,
            preset=preset,
            features=[name.strip() for name in features.split(",")] if features is not None else None,
            k=k,
            k_range=parse_range(k_range) if k_range is not None else None,
            seed=seed,
            as_of=_day(as_of, "--as-of"),
            include_inactive=include_inactive or None,
            playbook=playbook,
            evidence=False if no_evidence else None,
            algorithm=algorithm,
            compare=compare or None,
            cut=_day(cut, "--cut"),
            outcome=outcome,
            engine=engine,
            memory=memory,
            config=config,
            write_to=write_to,
        )


@app.command()
def assign(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder with the model.")],
    data: Data,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write: .parquet or .csv.")
    ] = None,
    as_of: AsOf = None,
    engine: Engine = None,
    memory: Memory = None,
    config: Config = None,
    write_to: WriteTo = None,
    json: Json = False,
) -> None:
    """Segment customers with a saved model, without fitting again.

    Example: coterie assign runs/november shop/ -o december.csv
    """
    with one_sentence():
        from coterie.cli.running import assign_to

        assign_to(
            run,
            data,
            output,
            as_of=_day(as_of, "--as-of"),
            as_json=json,
            write_to=write_to,
            engine=engine,
            memory=memory,
            config=config,
        )


@app.command()
def sql(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder with the model.")],
    dialect: Annotated[
        str, typer.Option(help=f"Of SQL: {', '.join(one.name for one in DIALECTS)}.", metavar="NAME")
    ] = "duckdb",
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Where the data are.", show_default="where the run read them")
    ] = None,
    as_of: AsOf = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write.")] = None,
    engine: Engine = None,
    memory: Memory = None,
    config: Config = None,
) -> None:
    """Print the model as one query, from the raw tables to customers and their segments.

    Example: coterie sql runs/november --dialect postgres -o november.sql
    """
    with one_sentence():
        from coterie.cli.querying import print_sql

        day = _day(as_of, "--as-of")
        print_sql(run, output, dialect=dialect, data=data, as_of=day, engine=engine, memory=memory, config=config)


@app.command()
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")],
    charts: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write every chart as PNG and SVG here.")
    ] = None,
) -> None:
    """Write the report of a run again.

    Example: coterie report runs/november --charts pictures/
    """
    with one_sentence():
        from coterie.cli.running import report_again

        report_again(run, charts)


@app.command()
def dashboard(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")],
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Where the raw tables are, to filter and to look at customers.")
    ] = None,
    host: Annotated[str, typer.Option(metavar="HOST", help="Address or name to be reached at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="To be reached at; 0 for any that is free.", min=0, max=65_535)] = 8765,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option("--allowed-host", metavar="NAME", help="A further name under which it may be asked for."),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", metavar="FILE", help="Ask everybody for the token in this file.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Ask for this name and the password in COTERIE_PASSWORD, or asked for now."),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Show no single customer, and no parts of fewer than 10.")
    ] = False,
    engine: Engine = None,
    memory: Memory = None,
    config: Config = None,
) -> None:
    """Show a run as live pages in the browser, until Ctrl-C.

    Example: coterie dashboard runs/november --data shop/
    """
    with one_sentence():
        from coterie.cli.serving import Reach, serve_run

        reach = Reach(host, port, tuple(allowed_host or ()), token_file, user)
        serve_run(run, data, reach, private=private, engine=engine, memory=memory, config=config)


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write.")],
    customers: Annotated[int, typer.Option(help="How many customers; 10 coupons each on average.", min=1)] = 1000,
    file_format: Annotated[FileFormat, typer.Option("--format", help="Of the files, one a table.")] = FileFormat.csv,
    seed: Seed = 0,
    separation: Annotated[
        Separation, typer.Option(help="How far apart the planted groups are.")
    ] = Separation.realistic,
    dirt: Annotated[bool, typer.Option("--dirt", help="Plant faults of every kind, recorded in truth/.")] = False,
    orders: Annotated[bool, typer.Option("--orders", help="Write an orders table too.")] = False,
) -> None:
    """Write a generated shop with known groups.

    Example: coterie sample shop/ --customers 5000
    """
    with one_sentence():
        from coterie.api import sample as write_sample

        with Stages() as stages:
            stages("Make a sample shop")
            folder = write_sample(
                directory,
                customers=customers,
                seed=seed,
                separation=separation.value,
                file_format=file_format.value,
                dirt=dirt,
                orders=orders,
            )
        print(folder)


@app.command()
def features(json: Json = False) -> None:
    """List the features and presets there are.

    Example: coterie features
    """
    with one_sentence():
        from coterie.cli.listing import feature_list, print_features

        if json:
            put_json(feature_list())
        else:
            print_features()
