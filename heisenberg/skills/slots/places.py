"""Where it is what time: the time zones of cities and countries, by their names in a language."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from heisenberg.core.word_lists import bare_words

_NO_PLACES: Final = ("Etc", "SystemV", "posix", "right", "Factory", "localtime")


class SeveralZones(Exception):
    """A country in which it is not the same time everywhere."""


def zone_of(place: str, language: str) -> ZoneInfo | None:
    """The time zone of a city, or of a country that has one; ``None`` for what is not known.

    Raises ``SeveralZones``.
    """
    name = bare_words(place)
    for known in (name, name.partition(" ")[2]):  # without an article
        if known in _cities(language):
            return ZoneInfo(_cities(language)[known])
        zones = _countries(language).get(known, ())
        if len(zones) > 1:
            raise SeveralZones
        if zones:
            return ZoneInfo(zones[0])
    return None


def load_places(language: str) -> None:
    """Read the names, once; it takes a moment."""
    _cities(language)
    _countries(language)


@functools.cache
def _cities(language: str) -> Mapping[str, str]:
    """Zones by the names of their cities, as the language and as English has them."""
    from babel.dates import get_timezone_location

    found: dict[str, str] = {}
    for zone in sorted(available_timezones()):
        area, _, city = zone.rpartition("/")
        if not area or area.split("/")[0] in _NO_PLACES:
            continue
        found.setdefault(bare_words(city.replace("_", " ")), zone)
        located = get_timezone_location(zone, locale=language, return_city=True)
        found.setdefault(bare_words(located), zone)
    return found


@functools.cache
def _countries(language: str) -> Mapping[str, tuple[str, ...]]:
    """The zones of each country that differ today, by its name."""
    from babel import Locale
    from babel.core import get_global

    zones: dict[str, set[str]] = {}
    known = available_timezones()
    for zone, territory in get_global("zone_territories").items():
        if zone in known:
            zones.setdefault(territory, set()).add(zone)
    names = Locale.parse(language).territories
    return {
        bare_words(names[code]): _different(own) for code, own in zones.items() if code in names
    }


def _different(zones: set[str]) -> tuple[str, ...]:
    """One zone for each time that it is in them."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    by_offset = {now.astimezone(ZoneInfo(zone)).utcoffset(): zone for zone in sorted(zones)}
    return tuple(by_offset.values())
