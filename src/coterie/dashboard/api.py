"""What programs ask for: the run, its segments and profiles, where one customer belongs, and scoring of another."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, StrictFloat, StrictInt, StrictStr
from pydantic import Field as Of
from starlette.requests import Request  # noqa: TC002 - FastAPI reads types when it runs
from starlette.responses import JSONResponse

from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.looking import history_of, refuse_unknown, segments_of
from coterie.dashboard.private import SMALL_SEGMENT, refuse_small
from coterie.errors import UsageError
from coterie.runs import to_json
from coterie.segmentation import score_customer, takes_text
from coterie.views import filters_of

if TYPE_CHECKING:
    from fastapi import FastAPI

    from coterie.dashboard.opened import Opened
    from coterie.dashboard.session import Session


class Problem(BaseModel):
    """Why there is no answer, as one sentence."""

    detail: str


class RunOut(BaseModel):
    """The run that is served."""

    label: str = Of(description="What the data are called.")
    run_date: dt.date
    first_day: dt.date = Of(description="Of the first event.")
    as_of: dt.date = Of(description="To the end of this day everything was known.")
    customers: int
    active: int = Of(description="Customers with at least one event.")
    segments: int = Of(description="How many there are, without those of customers who belong to none.")
    algorithm: str
    live: bool = Of(description="The raw tables are served too.")
    changed: bool = Of(description="They are not those of the run any more.")


class SegmentOut(BaseModel):
    """One segment."""

    segment: int = Of(description="1 and up; 0 is never active, -1 fits no group.")
    name: str
    blurb: str = Of(description="Who they are, in one phrase.")
    customers: int = Of(description="That the filters let through; of the run, where there are none.")
    share: float = Of(description="Of all these customers.")
    action: str = Of(description='Of the playbook; "" without one.')


class SegmentsOut(BaseModel):
    """All segments in order."""

    segments: list[SegmentOut]


class AssignmentOut(BaseModel):
    """Where one customer belongs."""

    customer_id: str
    segment: int
    name: str
    margin: float | None = Of(description="0 on the border to another segment, 1 where none comes near.")
    action: str


class FeatureOut(BaseModel):
    """A value that scoring takes."""

    name: str
    kind: Literal["number", "text"]
    label: str
    unit: str
    meaning: str
    values: list[str] = Of(description="Texts that the model knows; empty for numbers.")


class ModelOut(BaseModel):
    """What scoring takes."""

    as_of: dt.date
    features: list[FeatureOut]


class Customer(BaseModel):
    """The values of one customer who was active at least once; null where one is unknown."""

    model_config = ConfigDict(extra="forbid")

    features: dict[StrictStr, StrictFloat | StrictInt | StrictStr | None] = Of(
        description="Every feature that `/api/model` names."
    )


class ScoreOut(BaseModel):
    """Where a posted customer belongs."""

    segment: int
    name: str
    distance: float = Of(description="To the middle of the segment, in standard deviations.")
    margin: float = Of(description="0 on the border to another segment, 1 where none comes near.")
    action: str


def _told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    meanings = {
        400: "What is asked for cannot be understood.",
        401: "Token or password are missing or wrong.",
        403: "It is not shown.",
        404: "There is none.",
        413: "The request is too large.",
        414: "The address is too long.",
        422: "The body is not what is described.",
        429: "Too many wrong tries.",
        503: "The run is being replaced or is damaged, or the answer takes too long.",
    }
    return {status: {"model": Problem, "description": meanings[status]} for status in (*statuses, 401, 429, 503)}


def _text(name: str, meaning: str) -> dict[str, Any]:
    schema = {"type": "array", "items": {"type": "string", "maxLength": 500}}
    return {"name": name, "in": "query", "description": meaning, "schema": schema}


def _day(name: str, meaning: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": meaning, "schema": {"type": "string", "format": "date"}}


FILTERS = [
    {
        "name": "segment",
        "in": "query",
        "description": "Numbers of segments.",
        "schema": {
            "type": "array",
            "items": {"type": "integer", "minimum": -1, "maximum": 999_999},
        },
    },
    _text("city", "As the data have it; empty for an empty cell. Needs the raw tables, as all that follow."),
    _text("gender", "As the data have it; empty for an empty cell."),
    _text("branch", "Ids of branches: only customers with an event there."),
    _text("merchant", "Ids of merchants: only customers with an event there."),
    _text("category", "Categories: only customers who bought of them."),
    _day("since", "First day of an event."),
    _day("until", "Last day of an event; not before `since`."),
]


def add_api(app: FastAPI, session: Session) -> None:
    """Add the addresses under /api, and what describes them in /api/openapi.json."""
    _add_run(app, session)
    _add_customers(app, session)


def _add_run(app: FastAPI, session: Session) -> None:
    @app.get("/api/run", response_model=RunOut, responses=_told())
    def run() -> Any:
        """The run that is served."""
        with session.opened() as opened:
            return _run_out(opened)

    @app.get(
        "/api/segments",
        response_model=SegmentsOut,
        responses=_told(400, 403, 414),
        openapi_extra={"parameters": FILTERS},
    )
    def segments(request: Request) -> Any:
        """Its segments, and how many of their customers the filters let through."""
        filters = filters_of(request.query_params.multi_items())
        with session.opened() as opened:
            if not opened.live and replace(filters, segments=()).any:
                raise NotAnswered(400, "These filters need the raw tables. Start the dashboard with --data.")
            return _segments_out(opened, segments_of(opened, filters))

    @app.get("/api/profiles", responses=_told())
    def profiles() -> dict[str, Any]:
        """What each segment is like: what profiles.json of the run holds."""
        with session.opened() as opened:
            found: dict[str, Any] = to_json(opened.result.profiles)
            return found

    @app.get("/api/profiles/{segment}", responses=_told(403, 404, 422))
    def profile(segment: int) -> dict[str, Any]:
        """What one segment is like."""
        with session.opened() as opened:
            refuse_unknown(opened.result, (segment,), status=404)
            one = next(one for one in opened.result.profiles.segments if one.segment == segment)
            if opened.private:
                refuse_small(one.customers, SMALL_SEGMENT)
            found: dict[str, Any] = to_json(one)
            return found


def _add_customers(app: FastAPI, session: Session) -> None:
    @app.get("/api/customers/{customer_id:path}", response_model=AssignmentOut, responses=_told(400, 403, 404))
    def customer(customer_id: str) -> Any:
        """The segment of one customer."""
        with session.opened() as opened:
            found = history_of(opened, customer_id).customer
            name, action = _name_and_action(opened, found.segment)
            return AssignmentOut(
                customer_id=found.customer_id, segment=found.segment, name=name, margin=found.margin, action=action
            )

    @app.get("/api/model", response_model=ModelOut, responses=_told())
    def model() -> Any:
        """The features that scoring takes."""
        with session.opened() as opened:
            return _model_out(opened)

    @app.post("/api/score", response_model=ScoreOut, responses=_told(400, 403, 413, 422))
    def score(customer: Customer) -> Any:
        """Where a customer with these values belongs; nothing of it is kept."""
        with session.opened() as opened:
            try:
                found = score_customer(opened.result.model, customer.features)
            except UsageError as error:
                raise NotAnswered(422, error.sentence) from None
            return JSONResponse(to_json(found))


def _run_out(opened: Opened) -> RunOut:
    result = opened.result
    return RunOut(
        label=result.label,
        run_date=result.run_date,
        first_day=result.first_day,
        as_of=result.as_of,
        customers=result.customers,
        active=result.active,
        segments=result.model.k,
        algorithm=result.model.algorithm,
        live=opened.live,
        changed=opened.changed,
    )


def _segments_out(opened: Opened, counted: dict[int, int]) -> SegmentsOut:
    total = sum(counted.values())
    found = []
    for one in opened.result.profiles.segments:
        if one.segment is not None and one.segment in counted:
            size = counted[one.segment]
            action = opened.result.model.actions.get(str(one.segment), "")
            share = size / total if total else 0.0
            found.append(
                SegmentOut(
                    segment=one.segment, name=one.name, blurb=one.blurb, customers=size, share=share, action=action
                )
            )
    return SegmentsOut(segments=found)


def _name_and_action(opened: Opened, segment: int) -> tuple[str, str]:
    model = opened.result.model
    return model.all_names.get(str(segment), ""), model.actions.get(str(segment), "")


def _model_out(opened: Opened) -> ModelOut:
    model, described = opened.result.model, opened.result.profiles.features
    features = []
    for name in model.needed:
        told = described.get(name, {})
        text = takes_text(model, name)
        features.append(
            FeatureOut(
                name=name,
                kind="text" if text else "number",
                label=told.get("label", name),
                unit=told.get("unit", ""),
                meaning=told.get("meaning", ""),
                values=list(model.learned.levels.get(name, ())) if text else [],
            )
        )
    return ModelOut(as_of=model.as_of, features=features)
