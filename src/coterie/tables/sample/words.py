"""Our own small lists of names: invented cities, merchants, offers. Nothing here stands for a real place or firm."""

from __future__ import annotations

GENDERS = ("Female", "Male", "Unknown")

CITIES = (
    "Arvenport", "Belmora", "Castrel", "Dunhaven", "Elmsworth", "Farlow", "Glenmar", "Harrowick", "Istria Bay",
    "Jorvale", "Kestrel Hill", "Lindmoor", "Marrowby", "Northmere", "Oakhollow", "Pellworth", "Quillan", "Ravensea",
    "Stonebridge", "Tamsin Ford",
)  # fmt: skip

MERCHANT_NAMES = (
    "Alder", "Amber", "Birch", "Bluebell", "Bramble", "Cedar", "Clover", "Copper", "Coral", "Daisy", "Dove", "Ember",
    "Fern", "Finch", "Harbour", "Hazel", "Heron", "Ivory", "Jasper", "Juniper", "Kite", "Lark", "Laurel", "Linden",
    "Maple", "Meadow", "Mistral", "Olive", "Orchid", "Pebble", "Pine", "Poppy", "Quartz", "Robin", "Rowan", "Saffron",
    "Sorrel", "Tansy", "Thistle", "Willow",
)  # fmt: skip

TRADES = (
    "Coffee", "Books", "Bakery", "Outdoor", "Pharmacy", "Kitchen", "Cinema", "Flowers", "Sports", "Fashion",
)  # fmt: skip

OFFERS = (
    "10 % off", "20 % off", "Two for one", "Free delivery", "Free coffee", "Birthday treat", "Weekend special",
    "Try something new", "Family bundle", "Early bird", "Spring clearance", "Summer sale", "Autumn picks",
    "Winter warmer", "Gift with purchase", "Students save", "Refill reward", "App only deal", "Happy hour",
    "Second item half price",
)  # fmt: skip

TIERS = ("Basic", "Silver", "Gold")


def merchant_name(number: int) -> str:
    """The name of the merchant of that number from 0; the 400 first are all different.

    Example:
        >>> merchant_name(0), merchant_name(41)
        ('Alder Coffee', 'Amber Bakery')
    """
    return f"{MERCHANT_NAMES[number % len(MERCHANT_NAMES)]} {TRADES[trade_of(number)]}"


def trade_of(merchant: int) -> int:
    """Index of the trade of the merchant of that number."""
    return (merchant + merchant // len(MERCHANT_NAMES)) % len(TRADES)
