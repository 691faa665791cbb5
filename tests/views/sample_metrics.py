"""Hand-made numbers of a shop: the shape and size of a real wholesaler of gifts, one year of orders, in pounds."""

from __future__ import annotations

import dataclasses
import datetime as dt

from coterie.metrics import (
    Breakdown,
    Cohort,
    CouponDay,
    Flow,
    LifetimeValue,
    Metrics,
    Month,
    Retention,
    SegmentMetrics,
    SegmentValue,
    Share,
    WindowedRepeat,
)

FIRST, AS_OF = dt.date(2010, 12, 1), dt.date(2011, 12, 9)
NAMES = ("Big spenders", "Regular buyers", "Occasional buyers", "One-time buyers", "Lapsed")
MONTHS = tuple(dt.date(2010 + (11 + step) // 12, (11 + step) % 12 + 1, 1) for step in range(13))

# Per month: active, new, returning, lapsed, won back, orders, sales, revenue; 0 is all customers, then each segment.
_MONTHLY = {
    0: """
        885 885 0 0 0 1400 572713.89 556920.89
        741 417 324 561 0 987 569445.04 476232.38
        758 380 262 479 116 997 447137.35 436700.44
        974 452 290 468 232 1321 595500.76 579994.56
        856 300 304 670 252 1149 469200.36 426047.85
        1056 284 368 488 404 1555 678594.56 648251.08
        991 242 410 646 339 1393 661213.69 608020.26
        949 188 365 626 396 1331 600091.01 580842.81
        935 169 388 561 378 1280 645343.90 616368.00
        1266 299 425 510 542 1755 952838.38 931443.32
        1364 358 489 777 517 1929 1039318.79 974738.39
        1664 323 622 742 719 2657 1161817.38 1132407.74
        615 41 371 1293 203 778 518192.79 342509.33
    """,
    1: """
        244 244 0 0 0 575 349363.54 339308.41
        239 61 178 66 0 415 294355.04 284596.74
        215 32 148 91 35 390 266200.21 259962.08
        272 35 164 51 73 521 354306.90 345045.92
        242 11 176 96 55 456 240881.44 228123.48
        291 14 192 50 85 649 402194.78 377220.54
        284 11 216 75 57 576 399218.84 391138.02
        276 2 200 84 74 542 369567.87 357707.63
        280 5 199 77 76 532 417585.92 391330.30
        295 3 214 66 78 618 556868.03 541035.56
        291 3 209 86 79 661 593903.92 545591.95
        338 2 240 51 96 896 640620.73 620693.45
        189 2 160 178 27 313 387086.88 214121.22
    """,
    2: """
        299 299 0 0 0 402 102265.55 100212.89
        260 154 106 193 0 305 84238.60 82232.58
        278 127 89 171 62 324 93070.91 91310.42
        330 121 97 181 112 404 119658.60 116392.40
        325 87 106 224 132 383 106225.53 104014.59
        416 56 142 183 218 512 143820.86 141360.01
        376 50 151 265 175 462 123377.65 119525.92
        372 27 134 242 211 450 121381.10 118583.82
        382 23 157 215 202 463 130334.82 129158.04
        530 41 185 197 304 669 205530.79 201594.78
        508 28 228 302 252 661 222430.45 217063.71
        637 6 292 216 339 985 277111.19 270660.84
        260 0 168 469 92 293 79488.17 78435.74
    """,
    3: """
        145 145 0 0 0 158 43229.42 42137.88
        88 79 9 136 0 91 31966.65 30306.02
        113 99 7 81 7 115 38365.66 37865.33
        161 132 8 105 21 170 55664.91 54460.70
        124 82 10 151 32 131 45240.93 43196.80
        170 112 17 107 41 187 59380.24 58879.87
        206 93 29 141 84 224 69586.69 68142.83
        227 85 31 175 111 265 81307.32 79198.06
        198 66 32 195 100 210 68469.55 67082.93
        287 101 26 172 160 314 122071.23 120827.01
        331 93 52 235 186 373 130842.34 127323.53
        452 78 90 241 284 539 169182.29 167023.43
        127 0 43 409 84 133 40812.98 40155.89
    """,
    4: """
        0 0 0 0 0 0 0.00 -100.75
        0 0 0 0 0 0 0.00 -24.25
        0 0 0 0 0 0 0.00 -2.95
        0 0 0 0 0 0 0.00 -555.90
        0 0 0 0 0 0 0.00 0.00
        0 0 0 0 0 0 0.00 -17.00
        56 56 0 0 0 56 14860.84 14757.04
        74 74 0 56 0 74 27834.72 25755.94
        75 75 0 74 0 75 28953.61 28822.68
        154 154 0 75 0 154 68368.33 68120.05
        234 234 0 154 0 234 92142.08 84820.10
        237 237 0 234 0 237 74903.17 74043.37
        39 39 0 237 0 39 10804.76 10243.17
    """,
    5: """
        197 197 0 0 0 265 77855.38 75362.46
        154 123 31 166 0 176 158884.75 79121.29
        152 122 18 136 12 168 49500.57 47565.56
        211 164 21 131 26 226 65870.35 64651.44
        165 120 12 199 33 179 76852.46 50712.98
        179 102 17 148 60 207 73198.68 70807.66
        69 32 14 165 23 75 54169.67 14456.45
        0 0 0 69 0 0 0.00 -402.64
        0 0 0 0 0 0 0.00 -25.95
        0 0 0 0 0 0 0.00 -134.08
        0 0 0 0 0 0 0.00 -60.90
        0 0 0 0 0 0 0.00 -13.35
        0 0 0 0 0 0 0.00 -446.69
    """,
}  # fmt: skip
# Per cohort: customers of each month since the first order; the first number is the size.
_COHORTS = {
    0: """
        885 324 286 340 321 352 321 309 313 350 331 445 235
        417 92 111 96 134 120 103 101 125 136 152 49
        380 71 71 108 103 94 96 106 94 116 26
        452 68 114 90 101 76 121 104 126 39
        300 64 61 63 59 68 65 78 22
        284 54 49 49 59 66 75 27
        242 42 38 64 56 81 23
        188 34 39 42 51 21
        169 35 42 41 21
        299 70 90 34
        358 86 41
        323 36
        41
    """,
    1: """
        244 178 154 183 175 189 175 181 174 181 180 209 132
        61 29 38 23 38 43 40 33 39 40 50 22
        32 16 19 22 20 15 25 24 20 23 9
        35 14 19 21 20 19 25 23 26 12
        11 9 6 6 8 7 5 7 1
        14 8 9 8 5 8 7 7
        11 3 6 8 8 9 1
        2 2 1 2 2 1
        5 2 2 1 1
        3 0 1 0
        3 1 1
        2 0
        2
    """,
    2: """
        299 106 103 117 113 130 115 103 119 155 127 183 91
        154 48 57 50 66 54 51 54 72 76 86 25
        127 35 37 68 58 62 54 58 51 74 14
        121 38 62 42 50 44 58 59 69 18
        87 34 35 34 34 46 45 49 15
        56 22 24 23 28 28 35 13
        50 21 18 37 27 37 15
        27 13 19 19 19 13
        23 16 18 15 11
        41 30 39 22
        28 25 19
        6 4
        0
    """,
    3: """
        145 9 8 17 17 14 23 25 20 14 24 53 12
        79 6 6 13 12 16 12 14 14 20 16 2
        99 6 5 7 21 17 17 24 23 19 3
        132 7 14 21 31 13 38 22 31 9
        82 11 14 23 17 15 15 22 6
        112 18 16 18 26 30 33 7
        93 18 14 19 21 35 7
        85 19 19 21 30 7
        66 17 22 25 9
        101 40 50 12
        93 60 21
        78 32
        0
    """,
    4: """
        0 0 0 0 0 0 0 0 0 0 0 0 0
        0 0 0 0 0 0 0 0 0 0 0 0
        0 0 0 0 0 0 0 0 0 0 0
        0 0 0 0 0 0 0 0 0 0
        0 0 0 0 0 0 0 0 0
        0 0 0 0 0 0 0 0
        56 0 0 0 0 0 0
        74 0 0 0 0 0
        75 0 0 0 0
        154 0 0 0
        234 0 0
        237 0
        39
    """,
    5: """
        197 31 21 23 16 19 8 0 0 0 0 0 0
        123 9 10 10 18 7 0 0 0 0 0 0
        122 14 10 11 4 0 0 0 0 0 0
        164 9 19 6 0 0 0 0 0 0
        120 10 6 0 0 0 0 0 0
        102 6 0 0 0 0 0 0
        32 0 0 0 0 0 0
        0 0 0 0 0 0
        0 0 0 0 0
        0 0 0 0
        0 0 0
        0 0
        0
    """,
}  # fmt: skip
# buyers, sales, returns, orders, buyers with more than one order
_TOTALS = {
    0: (4_338, 8_911_407.90, 600_930.85, 18_532, 2_845),
    1: (425, 5_272_154.10, 376_278.80, 7_144, 419),
    2: (1_019, 1_808_934.22, 38_388.48, 6_313, 1_019),
    3: (1_165, 956_120.21, 19_519.93, 2_910, 1_165),
    4: (869, 317_867.51, 12_006.01, 869, 0),
    5: (860, 556_331.86, 154_737.63, 1_296, 242),
}
# value: sales, orders, customers
_CATEGORIES = {
    0: """
        Other goods: 3199201.18 16340 4151
        Kitchen: 1541009.17 12622 3681
        Signs and frames: 901027.53 10120 3088
        Bags: 857580.43 7964 2514
        Lights and candles: 688015.24 9195 3065
        Paper and cards: 611952.71 8879 3052
        Christmas: 403018.97 4846 2406
        Garden: 319480.52 7209 2752
        Toys: 230706.48 6199 2450
        Postage and fees: 159415.67 1929 802
    """,
    1: """
        Other goods: 1803013.87 6143 420
        Kitchen: 901284.81 4886 408
        Bags: 580422.89 3446 372
        Signs and frames: 567682.15 4008 401
        Paper and cards: 420525.15 3375 384
        Lights and candles: 390820.27 3390 379
        Christmas: 199741.55 1523 349
        Garden: 169664.68 2570 372
        Toys: 128867.09 2346 363
        Postage and fees: 110131.64 870 178
    """,
    2: """
        Other goods: 702847.26 5654 1012
        Kitchen: 265590.62 4225 977
        Signs and frames: 187167.05 3486 897
        Bags: 153967.37 2560 764
        Lights and candles: 153237.05 3216 900
        Christmas: 103759.06 1773 785
        Paper and cards: 95832.90 2986 883
        Garden: 74909.48 2491 820
        Toys: 52413.78 2083 756
        Postage and fees: 19209.65 518 225
    """,
    3: """
        Other goods: 367512.73 2612 1130
        Kitchen: 148757.12 2024 1028
        Signs and frames: 80610.69 1519 837
        Lights and candles: 77443.29 1514 856
        Bags: 73361.15 1198 696
        Christmas: 63085.54 985 719
        Paper and cards: 56284.82 1480 844
        Garden: 44969.12 1259 765
        Toys: 28108.78 1050 673
        Postage and fees: 15986.97 310 195
    """,
    4: """
        Other goods: 122465.16 804 804
        Kitchen: 47365.62 613 613
        Christmas: 31703.22 428 428
        Lights and candles: 26162.48 463 463
        Signs and frames: 23576.75 474 474
        Bags: 21920.04 346 346
        Paper and cards: 16943.70 476 476
        Garden: 11036.72 372 372
        Toys: 9050.95 321 321
        Postage and fees: 7642.87 97 97
    """,
    5: """
        Other goods: 203362.16 1127 785
        Kitchen: 178011.00 874 655
        Signs and frames: 41990.89 633 479
        Lights and candles: 40352.15 612 467
        Bags: 27908.98 414 336
        Paper and cards: 22366.14 562 465
        Garden: 18900.52 517 423
        Toys: 12265.88 399 337
        Postage and fees: 6444.54 134 107
        Christmas: 4729.60 137 125
    """,
}
_CITIES = {
    0: """
        United Kingdom: 7308391.55 16646 3920
        Netherlands: 285446.34 94 9
        EIRE: 265545.90 260 3
        Germany: 228867.14 457 94
        France: 209024.05 389 87
        Australia: 138521.31 57 9
        Spain: 61577.11 90 30
        Switzerland: 56443.95 51 21
        Belgium: 41196.34 98 25
        Sweden: 38378.33 36 8
        Japan: 37416.37 19 8
        Norway: 36165.44 36 10
        Portugal: 33439.89 57 19
        Finland: 22546.08 41 12
    """,
    1: """
        United Kingdom: 4038649.97 6112 347
        Netherlands: 280206.02 73 1
        EIRE: 265545.90 260 3
        France: 146123.37 197 18
        Germany: 143189.67 267 21
        Australia: 130429.20 34 2
        Spain: 43472.66 42 7
        Switzerland: 34718.11 14 5
    """,
    2: """
        United Kingdom: 1676151.70 5919 951
        France: 33588.66 111 20
        Germany: 32276.95 80 14
        Belgium: 17178.00 54 9
        Italy: 7775.91 24 3
        Switzerland: 5594.88 11 2
        Cyprus: 5360.09 7 3
        Australia: 4736.91 15 3
    """,
    3: """
        United Kingdom: 831462.27 2647 1055
        Germany: 22429.40 66 26
        France: 19874.30 51 20
        Switzerland: 9546.32 17 8
        Portugal: 9420.02 14 6
        Spain: 8039.90 20 9
        Denmark: 7216.43 11 5
        Belgium: 6603.43 9 5
    """,
    4: """
        United Kingdom: 274194.80 792 792
        Germany: 9274.31 17 17
        Spain: 6079.93 8 8
        France: 4377.93 13 13
        Finland: 3329.92 5 5
        Italy: 3325.12 4 4
        Portugal: 2589.46 4 4
        Switzerland: 2304.24 2 2
    """,
    5: """
        United Kingdom: 487932.81 1176 775
        Germany: 21696.81 27 16
        Japan: 8174.14 6 3
        France: 5059.79 17 16
        Switzerland: 4280.40 7 4
        Channel Islands: 3738.06 4 3
        Belgium: 3385.97 10 6
        Greece: 3048.55 2 2
    """,
}
_DAYS = ("2011-03-01", "2011-06-01", "2011-09-01", "2011-12-09")
_SIZES = ((54, 152, 468, 1029, 0), (131, 415, 847, 1273, 59), (234, 652, 972, 921, 545), (425, 1019, 1165, 869, 860))
_MOVES = """
    0 -2 1 8
    0 -2 2 30
    0 -2 3 252
    0 -2 4 732
    0 1 1 53
    0 1 5 1
    0 2 1 41
    0 2 2 106
    0 2 3 5
    0 3 1 23
    0 3 2 231
    0 3 3 211
    0 3 5 3
    0 4 1 6
    0 4 2 48
    0 4 3 379
    0 4 4 541
    0 4 5 55
    1 -2 1 6
    1 -2 2 14
    1 -2 3 131
    1 -2 4 448
    1 1 1 127
    1 1 5 4
    1 2 1 79
    1 2 2 308
    1 2 3 21
    1 2 5 7
    1 3 1 14
    1 3 2 294
    1 3 3 460
    1 3 5 79
    1 4 1 8
    1 4 2 36
    1 4 3 351
    1 4 4 473
    1 4 5 405
    1 5 3 9
    1 5 5 50
    2 -2 1 10
    2 -2 2 74
    2 -2 3 270
    2 -2 4 660
    2 1 1 229
    2 1 5 5
    2 2 1 133
    2 2 2 454
    2 2 3 46
    2 2 5 19
    2 3 1 41
    2 3 2 377
    2 3 3 391
    2 3 5 163
    2 4 1 9
    2 4 2 71
    2 4 3 309
    2 4 4 209
    2 4 5 323
    2 5 1 3
    2 5 2 43
    2 5 3 149
    2 5 5 350
"""
# customers, alive, orders with interval, value with interval, at risk: all customers, then each segment
_VALUES = (
    (4338, 0.762, 1.84, 1.78, 1.90, 812.0, 771.0, 853.0, 268),
    (425, 0.982, 7.31, 6.98, 7.64, 5180.0, 4840.0, 5520.0, 0),
    (1019, 0.957, 2.92, 2.83, 3.01, 866.0, 831.0, 902.0, 0),
    (1165, 0.901, 1.07, 1.03, 1.11, 341.0, 326.0, 357.0, 4),
    (869, 0.744, 0.44, 0.42, 0.46, 163.0, 152.0, 174.0, 0),
    (860, 0.255, 0.16, 0.14, 0.18, 68.0, 59.0, 77.0, 264),
)


def _table(text: str) -> list[list[float]]:
    return [[float(word) for word in line.split()] for line in text.strip().splitlines()]


def _monthly(number: int, *, coupons: bool = False) -> tuple[Month, ...]:
    months = []
    for place, (day, row) in enumerate(zip(MONTHS, _table(_MONTHLY[number]), strict=True)):
        active, new, returning, lapsed, won, orders, sales, revenue = row
        claimed = int(orders * 0.4) + place
        months.append(Month(
            day, place < 12, int(active), int(new), int(returning), int(lapsed), int(won), int(orders), sales, revenue,
            sales / orders if orders else None, claimed if coupons else None, claimed // 3 if coupons else None,
        ))  # fmt: skip
    return tuple(months)


def retention(number: int) -> Retention:
    """By month; the last month is not complete, and the first cohort holds older customers."""
    counts = [[int(one) for one in row] for row in _table(_COHORTS[number])]
    cohorts = []
    for place, (day, row) in enumerate(zip(MONTHS, counts, strict=True)):
        whole = [one / row[0] if row[0] else 0.0 for one in row]
        cohorts.append(Cohort(day, row[0], (*whole[:-1], None) if len(whole) > 1 else (None,), older=place == 0))
    cohorts = [one for one in cohorts if one.size]
    average: list[float | None] = []
    for period in range(13):
        known = [one for one in cohorts
                 if not one.older and period < len(one.rates) and one.rates[period] is not None]  # fmt: skip
        size = sum(one.size for one in known)
        average.append(sum(one.size * (one.rates[period] or 0.0) for one in known) / size if size else None)
    return Retention("month", tuple(cohorts), tuple(average))


def _breakdown(dimension, label: str, tables: dict[int, str], number: int) -> Breakdown:
    def rows(which: int) -> dict[str, list[float]]:
        pairs = (line.strip().split(": ") for line in tables[which].strip().splitlines())
        return {name: [float(one) for one in numbers.split()] for name, numbers in pairs}

    everyone, total = rows(0), _TOTALS[0][1]
    own = []
    for name, (sales, orders, customers) in rows(number).items():
        if name not in everyone:
            continue
        part = sales / _TOTALS[number][1]
        own.append(Share(name, sales, int(orders), int(customers), part, part / (everyone[name][0] / total)))
    return Breakdown(dimension, label, tuple(own))


def _even(dimension, label: str, parts: dict[str, float], number: int) -> Breakdown:
    """A dimension in which all segments are alike."""
    buyers, sales, _, orders, _ = _TOTALS[number]
    rows = (
        Share(name, sales * part, int(orders * part), int(buyers * part), part, 1.0, rest=name.startswith("All others"))
        for name, part in parts.items()
    )
    return Breakdown(dimension, label, tuple(rows))


def _breakdowns(number: int) -> tuple[Breakdown, ...]:
    return (
        _breakdown("category", "Category", _CATEGORIES, number),
        _breakdown("city", "City", _CITIES, number),
        _even("branch", "Branch", {"Main street": 0.75, "Station": 0.25}, number),
        _even("product", "Product", {"Lantern": 0.06, "All others (412)": 0.94}, number),
    )


def _segment(number: int, *, coupons: bool = False) -> SegmentMetrics:
    buyers, sales, returns, orders, repeat = _TOTALS[number]
    part = sales / _TOTALS[0][1]
    return SegmentMetrics(
        number, buyers, buyers, sales, returns, sales - returns, part, part / (buyers / _TOTALS[0][0]), returns / sales,
        orders, sales / orders, (sales - returns) / orders, repeat / buyers,
        int(orders * 0.4) if coupons else None, int(orders * 0.13) if coupons else None,
        _monthly(number, coupons=coupons), retention(number), _breakdowns(number),
    )  # fmt: skip


def _flow() -> Flow:
    sizes = tuple({str(place): number for place, number in enumerate(row, 1) if number} for row in _SIZES)
    moves = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in _table(_MOVES))
    return Flow(tuple(dt.date.fromisoformat(day) for day in _DAYS), sizes, moves)


def lifetime_value() -> LifetimeValue:
    """26 weeks ahead, with value."""
    segments = tuple(
        SegmentValue(number or None, people, alive, *orders, *value, value[0] * people, risk)
        for number, (people, alive, *rest, risk) in enumerate(_VALUES)
        for orders, value in [(rest[:3], rest[3:])]
    )
    return LifetimeValue("week", AS_OF, {"r": 0.65, "alpha": 8.1, "a": 0.12, "b": 2.9, "log_likelihood": -41234.5},
                         {"p": 2.1, "q": 3.4, "gamma": 320.0}, 26, segments)  # fmt: skip


def _around() -> tuple[CouponDay, ...]:
    days = []
    for day in range(-30, 31):
        level = 1.9 + 0.03 * (day % 7) + (2.6 if day == 0 else 0.9 * 0.9**day if day > 0 else 0.0)
        days.append(CouponDay(day, level, 2900))
    return tuple(days)


def shop() -> Metrics:
    """Orders alone: 4,338 customers in five segments."""
    customers, sales, returns, orders, repeat = _TOTALS[0]
    return Metrics(
        currency="GBP", first_day=FIRST, as_of=AS_OF, sales=sales, returns=returns, revenue=sales - returns,
        orders=orders, customers=customers, customers_returns_only=33, customers_free_only=1, aov=sales / orders,
        net_aov=(sales - returns) / orders, repeat_purchase_rate=repeat / customers,
        repeat_within=(WindowedRepeat(90, 3611, 1634, 1634 / 3611), WindowedRepeat(365, 812, 701, 701 / 812)),
        monthly=_monthly(0), segments=tuple(_segment(number) for number in range(1, 6)), breakdowns=_breakdowns(0),
        retention=retention(0), retention_by=(retention(0),), flow=_flow(), lifetime_value=lifetime_value(),
    )  # fmt: skip


def both() -> Metrics:
    """Orders and coupons."""
    return dataclasses.replace(
        shop(), monthly=_monthly(0, coupons=True), around_coupons=_around(),
        segments=tuple(_segment(number, coupons=True) for number in range(1, 6)),
    )  # fmt: skip


def coupons_only() -> Metrics:
    """Coupons alone: customers by month, claims and burns; nothing of orders."""

    def bare(months: tuple[Month, ...]) -> tuple[Month, ...]:
        return tuple(dataclasses.replace(one, orders=None, sales=None, revenue=None, aov=None) for one in months)

    segments = tuple(
        SegmentMetrics(one.segment, one.customers, coupons=one.coupons, burnt=one.burnt, monthly=bare(one.monthly))
        for one in both().segments
    )
    return Metrics(None, FIRST, AS_OF, monthly=bare(both().monthly), segments=segments, flow=_flow())
