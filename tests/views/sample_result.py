"""A hand-made result shaped like a real run: five segments of 1,584 customers, and variations that reports must survive."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from coterie.actions.contract import Action
from coterie.clustering import Dendrogram, Join
from coterie.clustering.contract import Candidate, Choice
from coterie.evidence.contract import Evidence
from coterie.features.contract import BurnCurveTable, Learned
from coterie.metrics import Metrics
from coterie.profiles.contract import (
    Bin,
    Border,
    BorderFigure,
    BurnCurve,
    DensityCell,
    FeatureFigure,
    Mix,
    MixRow,
    PlainRule,
    Profiles,
    SegmentProfile,
)
from coterie.segmentation.compare import Compared, Comparison
from coterie.settings import Settings
from coterie.tables.contract import Problem, Quality, TableCount

HOSTILE = '</script><script>window.broken = 1</script>"\'<img src=x onerror="window.broken=2">&amp;\u2028{{7*7}}'


def _beside(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    known = f"coterie_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[known])
    return sys.modules[known]


EVIDENCE = _beside("sample_evidence")
METRICS = _beside("sample_metrics")
ORDERS = _beside("sample_orders")


@dataclass(frozen=True)
class SampleResult:
    """Has the attributes the views look at, and nothing else."""

    label: str
    settings: Settings
    run_date: dt.date
    seed: int
    first_day: dt.date
    as_of: dt.date
    customers: int
    active: int
    quality: Quality
    choice: Choice | None
    evidence: Evidence
    profiles: Profiles
    actions: tuple[Action, ...]
    notes: tuple[str, ...]
    preset: str
    clustered: tuple[str, ...]
    learned: Learned
    comparison: Comparison | None = None
    metrics: Metrics | None = None


FEATURES: Mapping[str, Mapping[str, str]] = {
    "transaction_count": {"label": "Coupons", "unit": "coupons", "meaning": "All coupons the customer has claimed"},
    "coupons_claimed": {"label": "Open coupons", "unit": "coupons", "meaning": "Claimed and not burnt"},
    "coupons_burnt": {"label": "Burnt coupons", "unit": "coupons", "meaning": "Claimed and burnt"},
    "burn_rate": {"label": "Burn rate", "unit": "%", "meaning": "Burnt / all coupons"},
    "recency": {"label": "Days since claim", "unit": "days", "meaning": "Days from the last claim to the as-of day"},
    "tenure": {"label": "Tenure", "unit": "days", "meaning": "Days of exposure"},
}

# name, blurb, headline, customers, coupons, burnt, (coupons each, burn rate, recency, tenure) with half widths
_ROWS = (
    ("Regular burners", "Claim often and burn nearly one in three", "Regular burners claim often and burn 29% of it",
     246, 2067, 599, (8.4, 0.29, 55.0, 310.0)),
    ("Light burners", "Claim little, burn much of it", "Light burners claim little and burn 43% of it",
     181, 661, 283, (3.7, 0.43, 131.0, 290.0)),
    ("Never-burn collectors", "Claim often, have never burnt", "Never-burn collectors hold 41% of all coupons and burn none",
     451, 2958, 0, (6.6, 0.0, 57.0, 300.0)),
    ("Occasional claimers", "Claim now and then, have never burnt", "Occasional claimers have never burnt",
     455, 1160, 0, (2.5, 0.0, 98.0, 265.0)),
    ("Lapsed", "One or two coupons, none for nine months", "Lapsed customers took one or two coupons, nine months ago",
     251, 362, 7, (1.4, 0.02, 325.0, 330.0)),
)  # fmt: skip
_ALL = (4.6, 0.12, 122.0, 298.0)


def _figures(values: tuple[float, ...], wide: float) -> dict[str, FeatureFigure]:
    each, rate, recency, tenure = values
    means = {
        "transaction_count": (each, _ALL[0]),
        "coupons_claimed": (each * (1 - rate), _ALL[0] * (1 - _ALL[1])),
        "coupons_burnt": (each * rate, _ALL[0] * _ALL[1]),
        "burn_rate": (rate, _ALL[1]),
        "recency": (recency, _ALL[2]),
        "tenure": (tenure, _ALL[3]),
    }
    return {
        name: FeatureFigure(
            mean=mean, low=mean * (1 - wide), high=mean * (1 + wide), median=mean * 0.9, all_mean=everyone,
            all_median=everyone * 0.9, contrast=mean / everyone if everyone else None,
            by_construction=name in ("transaction_count", "burn_rate", "recency"),
        )
        for name, (mean, everyone) in means.items()
    }  # fmt: skip


def _curve(plateau: float, last: int = 420) -> BurnCurve | None:
    if plateau == 0:
        return None
    days = tuple(range(last))
    shares = (*(plateau * min(1.0, 1 - 0.945**day) for day in days[:-1]), plateau)
    return BurnCurve(days=days, share=shares, plateau=plateau, half_of_burns_within=13, median=None)


def _histogram(each: float, customers: int) -> tuple[Bin, ...]:
    weights = [max(0.0, 1 - abs(number - each) / (each * 0.7 + 1)) + 0.01 for number in range(1, 18)]
    total = sum(weights)
    return tuple(
        Bin(low=number, high=number if number < 17 else 40, customers=round(customers * weight / total),
            share=weight / total)
        for number, weight in enumerate(weights, 1)
    )  # fmt: skip


def _mixes(number: int, customers: int, coupons: int) -> tuple[Mix, ...]:
    types = {"Type A": (0.40, 0.55), "Type B": (0.48, 0.37), "Type C": (0.12, 0.08)}
    rows = tuple(
        MixRow(value=value, count=round(coupons * own), total=round(7208 * everyone), share=own, share_all=everyone,
               over_index=own / everyone, over_index_low=own / everyone - 0.1, leads=own / everyone > 1.3)
        for value, (own, everyone) in types.items()
    )  # fmt: skip
    genders = {"Female": 0.16 + 0.01 * number, "Male": 0.05, "Unknown": 0.79 - 0.01 * number}
    cities = {f"{name}": 0.3 - 0.03 * place for place, name in enumerate(
        ("Northwick", "Eastholm", "St. Agnes", "Port Elder", "Kingsmere", "Lowfield", "Amberley", "Hythe"))}  # fmt: skip
    scale = sum(cities.values())
    return (
        Mix("coupon", "Coupon type", "coupons", rows if number == 1 else tuple(
            dataclasses.replace(row, leads=False) for row in rows)),
        Mix("gender", "Gender", "customers", tuple(
            MixRow(value, round(customers * own), round(1584 * own), own, own, 1.0, 0.8, False)
            for value, own in genders.items())),
        Mix("city", "City", "customers", tuple(
            MixRow(value, round(customers * own / scale), round(1584 * own / scale), own / scale, own / scale, 1.0, 0.7,
                   False) for value, own in cities.items())),
        Mix("merchant", "Merchant", "coupons", (), "All coupons belong to one merchant, Shop 1."),
    )  # fmt: skip


def _segment(number: int, row: tuple, total: int = 1584) -> SegmentProfile:
    name, blurb, headline, customers, coupons, burnt, values = row
    return SegmentProfile(
        segment=number, name=name, blurb=blurb, headline=headline, customers=customers, share=customers / total,
        coupons=coupons, burnt=burnt, share_of_coupons=coupons / 7208, share_of_burns=burnt / 889,
        features=_figures(values, 0.04), mixes=_mixes(number, customers, coupons),
        typical=tuple({"customer_id": str(one), "transaction_count": round(values[0]) + extra, "coupons_burnt": 2,
                       "burn_rate": 0.25, "recency": values[2]} for extra, one in enumerate((1, 1590, 243))),
        rule=PlainRule("Has burnt at least one coupon and holds 5 or more",
                       (("coupons_burnt", "at_least", 1), ("transaction_count", "at_least", 5)), 0.98, 0.83),
        burn_curve=_curve(burnt / coupons if coupons else 0), coupons_histogram=_histogram(values[0], customers),
        border=_border(number, customers),
    )  # fmt: skip


def _border(number: int, customers: int) -> Border | None:
    """Every ninth customer of the second segment sits on its border, of the fifth none; the first knows of no border."""
    if number in (0, 1):
        return None
    if number == 5:
        return Border(0, 0.0, 0.6, None, 0, {})
    means = {"transaction_count": (3.1, 4.2), "burn_rate": (0.21, 0.44), "tenure": (290.0, 290.0)}
    figures = {name: BorderFigure(*pair) for name, pair in means.items()}
    return Border(customers // 9, 1 / 9, 0.4, number - 1, customers // 12, figures)


def _density() -> tuple[DensityCell, ...]:
    cells = []
    for number, row in enumerate(_ROWS, 1):
        each, rate = row[6][0], row[6][1]
        for x in range(1, 18, 2):
            for step in range(10):
                y = step / 10
                if rate == 0 and step > 0:
                    continue
                near = max(0.0, 1 - abs(x - each) / 6) * max(0.0, 1 - abs(y - rate) / 0.3)
                if near > 0.05:
                    cells.append(DensityCell(number, x, x + 2, y, y + 0.1, round(near * 40)))
    return tuple(cells)


_PLAN = (
    ("reward", "New ranges, early access", "Offer first, without a deeper discount", "Offer first",
     ("They burn 29% of what they claim against 12% for everyone, half of it within 13 days. A deeper discount may only "
      "pay for burns that come anyway: test it on a few first."), "In the first week of a campaign",
     "Burns per customer, against a 10% holdout", True, "some", 2),
    ("more", "One further coupon a month, same value", "Send more often, at the same value", "Send more often",
     "They burn 43% of the few coupons they claim.", "Monthly", "Burns per customer", True, "high", 1),
    ("pause", "No coupon", "Pause, then remind once", "Pause, then remind",
     "They hold 41% of all coupons and have burnt none.", "One reminder at day 10", "Share who burn once", False,
     "none", 4),
    ("ask", "One choice of three coupons", "Ask what they want", "Ask what they want",
     "They claim 2.5 coupons each and have burnt none.", "Next campaign", "Share who choose", True, "some", 3),
    ("leave", "No coupon", "Leave alone until they claim again", "Leave alone",
     "None has claimed for nine months.", "When they claim again", "Claims", False, "none", 5),
)  # fmt: skip


def _actions() -> tuple[Action, ...]:
    return tuple(
        Action(segment=number, name=row[0], customers=row[3], action=action, offer=offer, title=title, short=short,
               why=why, channel="e-mail", timing=timing, kpi=kpi, coupon=coupon, gain=gain, priority=priority,
               caution="Test on a small group first, such as 20: they are cut from a crowd." if number in (2, 3, 4) else "")
        for (number, row), (action, offer, title, short, why, timing, kpi, coupon, gain, priority) in zip(
            enumerate(_ROWS, 1), _PLAN, strict=True)
    )  # fmt: skip


def _candidates() -> tuple[Candidate, ...]:
    inertia = (2930, 1815, 1450, 1170, 940, 830, 735, 660, 600)
    silhouette = (0.351, 0.414, 0.365, 0.396, 0.417, 0.412, 0.411, 0.411, 0.427)
    stability = (0.96, 0.95, 0.78, 0.66, 0.78, 0.65, 0.56, 0.54, 0.52)
    return tuple(
        Candidate(k=k, inertia=float(w), silhouette=s, silhouette_low=s - 0.008, silhouette_high=s + 0.008,
                  calinski_harabasz=900.0 - k, davies_bouldin=0.9, stability=j, smallest_share=0.05)
        for k, w, s, j in zip(range(2, 11), inertia, silhouette, stability, strict=True)
    )  # fmt: skip


def sample_result() -> SampleResult:
    """Five segments of dunnhumby's shape; the rule would have taken six."""
    everyone = dataclasses.replace(
        _segment(0, ("All customers", "", "", 1584, 7208, 889, _ALL)),
        segment=None, rule=None, typical=(), share=1.0, share_of_coupons=1.0, share_of_burns=1.0,
    )  # fmt: skip
    return SampleResult(
        label="dunnhumby", settings=Settings(k=5), run_date=dt.date(2026, 11, 21), seed=7,
        first_day=dt.date(2016, 11, 1), as_of=dt.date(2018, 2, 18), customers=1584, active=1584,
        quality=Quality(
            {"customers": TableCount(1584, 1584, 0), "transactions": TableCount(7231, 7208, 23, {"unknown_status": 23})},
            (
                Problem("unknown_status", "transactions", 23, "23 coupons have a status nobody knows: brunt (23).",
                        "They are set aside.", 'Add `brunt = "burnt"` under [status] in coterie.toml.',
                        "transactions.csv", "transaction_status", ("transactions.csv line 17: status 'brunt'",)),
                Problem("branch_meaning", "transactions", 6311, "Most open coupons name a branch.",
                        "It is read as the branch that issued the coupon.", severity="note"),
            ),
        ),
        choice=Choice(5, "The rule takes 6: the highest silhouette with every segment stable. This run used 5 because "
                      "it was set by hand.", 6, None, _candidates()),
        evidence=EVIDENCE.one_crowd(),
        profiles=Profiles(
            tuple(_segment(number, row) for number, row in enumerate(_ROWS, 1)), everyone, _density(), FEATURES,
            tuple((2016 + (10 + step) // 12, (10 + step) % 12 + 1, 120 * (step % 5 + 1), 20 * (step % 5))
                  for step in range(15)),
        ),
        actions=_actions(), notes=("Burn rate of 12 customers without a mature coupon is filled with the median.",),
        preset="engagement", clustered=("transaction_count", "burn_rate", "recency"),
        learned=Learned(0.79, (2.1, 0.4), (0.31, 2.2), (0.4, 3.3), BurnCurveTable(_curve(889 / 7208).share),
                        {"recency": 98.0}, {}),
    )  # fmt: skip


def hostile_result() -> SampleResult:
    """The sample with markup, quotes and a script end in every text that comes from data."""
    result = sample_result()

    def spoil(profile: SegmentProfile) -> SegmentProfile:
        mixes = tuple(
            dataclasses.replace(mix, label=HOSTILE, rows=tuple(
                dataclasses.replace(row, value=f"{HOSTILE} {place}") for place, row in enumerate(mix.rows)))
            for mix in profile.mixes
        )  # fmt: skip
        typical = tuple({**one, "customer_id": HOSTILE} for one in profile.typical)
        return dataclasses.replace(profile, name=f"{HOSTILE} {profile.segment}", blurb=HOSTILE, headline=HOSTILE,
                                   mixes=mixes, typical=typical)  # fmt: skip

    problems = tuple(
        dataclasses.replace(problem, message=HOSTILE, cure=HOSTILE, examples=(HOSTILE,))
        for problem in result.quality.problems
    )
    return dataclasses.replace(
        result,
        label=HOSTILE,
        notes=(HOSTILE,),
        quality=Quality({**result.quality.tables, HOSTILE: TableCount(3, 2, 1, {HOSTILE: 1})}, problems),
        profiles=dataclasses.replace(
            result.profiles,
            segments=tuple(spoil(profile) for profile in result.profiles.segments),
            all=spoil(result.profiles.all),
            features={name: {**feature, "label": HOSTILE} for name, feature in FEATURES.items()},
        ),
        actions=tuple(
            dataclasses.replace(action, name=HOSTILE, why=HOSTILE, offer=HOSTILE, title=HOSTILE)
            for action in result.actions
        ),
    )


def never_active_result() -> SampleResult:
    """The sample with 11 customers more who never had a coupon."""
    result = sample_result()
    idle = dataclasses.replace(
        result.profiles.segments[0], segment=0, name="Never active", blurb="Have never claimed a coupon",
        headline="11 customers have never claimed a coupon", customers=11, share=11 / 1595, coupons=0, burnt=0,
        share_of_coupons=0.0, share_of_burns=0.0,
        features={name: dataclasses.replace(figure, mean=0.0, low=0.0, high=0.0, median=0.0, contrast=None)
                  for name, figure in result.profiles.segments[0].features.items() if name == "tenure"},
        typical=({"customer_id": "77", "tenure": 90.0},), rule=None, burn_curve=None, coupons_histogram=(),
    )  # fmt: skip
    welcome = dataclasses.replace(result.actions[0], segment=0, name="Never active", customers=11, action="welcome",
                                  offer="An introductory coupon", priority=6)  # fmt: skip
    return dataclasses.replace(
        result, customers=1595, active=1584, actions=(*result.actions, welcome),
        profiles=dataclasses.replace(result.profiles, segments=(*result.profiles.segments, idle)),
    )  # fmt: skip


def alike_result(customers: int = 50) -> SampleResult:
    """All customers are alike: one segment, no choice of k, no burns, nothing to compare."""
    result = sample_result()
    figures = {
        name: FeatureFigure(value, value, value, value, value, value, 1.0 if value else None, False)
        for name, value in (("transaction_count", 1.0), ("coupons_claimed", 1.0), ("coupons_burnt", 0.0),
                            ("burn_rate", 0.0), ("recency", 0.0), ("tenure", 1.0))
    }  # fmt: skip
    one = SegmentProfile(
        segment=1, name="All customers", blurb="All alike", headline="All customers are alike", customers=customers,
        share=1.0, coupons=customers, burnt=0, share_of_coupons=1.0, share_of_burns=0.0, features=figures,
        mixes=(Mix("city", "City", "customers", (), "Every customer lives in the same city, Unknown."),),
        typical=({"customer_id": "1", "transaction_count": 1.0},), rule=None, burn_curve=None,
        coupons_histogram=(Bin(1, 1, customers, 1.0),),
    )  # fmt: skip
    return dataclasses.replace(
        result, customers=customers, active=customers, choice=None, first_day=result.as_of,
        evidence=EVIDENCE.unjudged("Cannot be judged: customers are alike in every feature.", 1),
        profiles=Profiles((one,), dataclasses.replace(one, segment=None),
                          (DensityCell(1, 1, 2, 0.0, 0.1, customers),), FEATURES, ((2018, 2, customers, 0),)),
        actions=(dataclasses.replace(result.actions[3], segment=1, name="All customers", customers=customers,
                                     priority=1),),
        learned=dataclasses.replace(result.learned, burn_curve=BurnCurveTable(())),
        quality=Quality({"transactions": TableCount(customers, customers, 0)}, ()),
    )  # fmt: skip


def many_result() -> SampleResult:
    """Twelve segments: more than there are colours."""
    result = sample_result()
    segments = tuple(
        dataclasses.replace(result.profiles.segments[number % 5], segment=number + 1,
                            name=f"{result.profiles.segments[number % 5].name} {number + 1}")
        for number in range(12)
    )  # fmt: skip
    actions = tuple(
        dataclasses.replace(result.actions[number % 5], segment=number + 1, priority=number + 1,
                            name=segments[number].name)
        for number in range(12)
    )  # fmt: skip
    assert result.choice is not None
    return dataclasses.replace(
        result, actions=actions, choice=dataclasses.replace(result.choice, k=10),
        profiles=dataclasses.replace(result.profiles, segments=segments),
    )  # fmt: skip


def unjudged_result() -> SampleResult:
    """The sample without evidence, which was switched off."""
    return dataclasses.replace(sample_result(), evidence=EVIDENCE.switched_off())


def chance_result() -> SampleResult:
    """The sample, were its customers all alike but for luck."""
    return dataclasses.replace(sample_result(), evidence=EVIDENCE.chance())


def natural_result() -> SampleResult:
    """The sample, were its segments groups with gaps between them."""
    result = sample_result()
    assert result.choice is not None
    choice = dataclasses.replace(result.choice, k_by_rule=5, reason="Five: as many groups as the data show.")
    return dataclasses.replace(
        result, evidence=EVIDENCE.natural(), choice=choice, settings=result.settings.model_copy(update={"k": None})
    )


def across_result() -> SampleResult:
    """The sample, were there three groups that the segments cut across; a border is known of its first segment."""
    result = sample_result()
    return dataclasses.replace(result, evidence=EVIDENCE.across())


def little_result() -> SampleResult:
    """The sample, judged on too little data: each question has its own reason."""
    return dataclasses.replace(sample_result(), evidence=EVIDENCE.little())


def compared_result() -> SampleResult:
    """The sample with all algorithms side by side; one of them finds nothing."""
    rows = (
        Compared("k-means", "K-Means", 5, 1170.0, 0.396, None, 0.66, 0.71, 0.25, True, 0.114, 0.96, 0.0),
        Compared("ward", "Ward", 5, 1302.0, 0.351, None, 0.41, 0.52, 0.22, True, 0.06, 0.91, 0.0),
        Compared("mixture", "Gaussian mixture", 5, None, 0.12, None, 0.3, 0.4, 0.19, True, 0.04, 0.88, 0.0),
        Compared("hdbscan", "HDBSCAN", None, reason="HDBSCAN finds no group of 2% of these customers."),
    )
    heights = (3.1, 3.4, 4.0, 5.2, 9.8, 14.5, 31.0)
    joins = (
        Join(0, 1, 0, 0, 3.1, 300), Join(3, 4, 0, 0, 3.4, 420), Join(6, 7, 0, 0, 4.0, 251), Join(0.5, 2, 3.1, 0, 5.2, 500),
        Join(3.5, 5, 3.4, 0, 9.8, 833), Join(4.25, 6.5, 9.8, 4.0, 14.5, 1084), Join(1.25, 5.375, 5.2, 14.5, 31.0, 1584),
    )  # fmt: skip
    assert tuple(join.height for join in joins) == heights
    comparison = Comparison(
        rows, "Stay with K-Means: the customers are one crowd, so no cut is the right one, and none of the others explains "
        "clearly more of what customers did later (K-Means 25%, the best 25%).", 1584, 5, 1,
        Dendrogram((146, 154, 200, 200, 220, 413, 120, 131), joins),
    )  # fmt: skip
    return dataclasses.replace(sample_result(), comparison=comparison)


def _shop(metrics: Metrics) -> SampleResult:
    """The sample with the segments and numbers of a shop."""
    result = sample_result()
    segments = tuple(
        dataclasses.replace(one, name=name, customers=own.customers, share=own.customers / 4338)
        for one, name, own in zip(result.profiles.segments, METRICS.NAMES, metrics.segments, strict=True)
    )
    return dataclasses.replace(
        result, label="gift shop", first_day=metrics.first_day, as_of=metrics.as_of, customers=4338, active=4338,
        profiles=dataclasses.replace(result.profiles, segments=segments), metrics=metrics,
    )  # fmt: skip


def shop_result() -> SampleResult:
    """A shop with orders."""
    return _shop(METRICS.shop())


def both_result() -> SampleResult:
    """A shop with orders and coupons."""
    return _shop(METRICS.both())


def coupon_shop_result() -> SampleResult:
    """A shop without orders: only its coupons are counted by month."""
    return _shop(METRICS.coupons_only())


def hostile_shop_result() -> SampleResult:
    """Orders and coupons, with markup, quotes and a script end in every text that comes from data."""
    metrics, result = METRICS.both(), hostile_result()

    def spoil(breakdowns):
        return tuple(
            dataclasses.replace(one, label=HOSTILE, rows=tuple(
                dataclasses.replace(row, value=f"{HOSTILE} {row.value}") for row in one.rows))
            for one in breakdowns
        )  # fmt: skip

    segments = tuple(dataclasses.replace(one, breakdowns=spoil(one.breakdowns)) for one in metrics.segments)
    spoilt = dataclasses.replace(metrics, currency=HOSTILE, segments=segments, breakdowns=spoil(metrics.breakdowns),
                                 lifetime_value=dataclasses.replace(metrics.lifetime_value, reason=HOSTILE))  # fmt: skip
    return dataclasses.replace(result, metrics=spoilt, first_day=metrics.first_day, as_of=metrics.as_of)


def orders_result() -> SampleResult:
    """A shop with orders and no coupon, in pounds."""
    return ORDERS.orders_only(shop_result())


def bought_and_burnt_result() -> SampleResult:
    """A shop with coupons and orders, all told of its segments."""
    return ORDERS.with_coupons(both_result())
