"""A smart home on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from heisenberg.core.config import Config
from heisenberg.core.config.home import HomeConfig
from heisenberg.core.config.skills import SkillsConfig
from heisenberg.core.errors import ConfigError
from heisenberg.skills.base import Home, SmartHome
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.discovery import load_repertoire
from heisenberg.skills.home_assistant.skill import SmartHomeSkill
from heisenberg.skills.repertoire import Repertoire
from tests.fakes.asker import ScriptedAsker
from tests.fakes.skills import answer, repertoire
from tests.fakes.website import Website, closed_port, website

LANGUAGES = ("en", "fr")
TOKEN = "a.long-lived_token"
PATH = "/api/conversation/process"
NONSENSE = "What is at home.url gave no answer that can be used. Look whether it is Home Assistant."
REFUSED = "Your smart home refuses the token. Make a new one in Home Assistant, and set home.token."


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as running:
        _serve(running)
        yield running


def _serve(
    site: Website,
    speech: str = "Turned on the light",
    kind: str = "action_done",
    conversation: str | None = "01HX",
    **data: Any,
) -> None:
    """It answers whatever it is asked with this."""
    response = {
        "response_type": kind,
        "language": "en",
        "data": data,
        "speech": {"plain": {"speech": speech, "extra_data": None}},
    }
    answer = {"response": response, "conversation_id": conversation, "continue_conversation": False}
    site.put(PATH, json.dumps(answer).encode())


def _asked(site: Website) -> list[dict[str, str]]:
    return [json.loads(one.body) for one in site.posted]


async def _can(url: str, token: str | None = TOKEN, timeout_s: float = 30.0) -> Repertoire:
    home = Home(LANGUAGES, Path(), smart_home=SmartHome(url, token, timeout_s))
    skill = await asyncio.to_thread(SmartHomeSkill, home)
    return await repertoire(skill, languages=LANGUAGES)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Could you turn on the kitchen light, please?", "turn on the kitchen light"),
        ("Switch the hallway light on.", "turn on the hallway light"),
        ("Turn off the Christmas tree.", "turn off the Christmas tree"),
        ("turn off everything", "turn off everything"),
        ("Set the thermostat to 20 degrees.", "set the thermostat to 20 degrees"),
        ("set the bedroom to twenty one degrees", "set the bedroom to twenty one degrees"),
        (
            "Set the temperature in the bedroom to 20.5.",
            "set the temperature in the bedroom to 20.5",
        ),
        ("Dim the bedroom lamp to 30 percent.", "set the bedroom lamp to 30 percent"),
        ("Dim the bedroom lamp to 30%.", "set the bedroom lamp to 30%"),
        ("Make the hall light dark blue.", "set the hall light dark blue"),
        ("Make the hall light brighter.", "brighten the hall light"),
        ("Dim the lights.", "dim the lights"),
        ("Turn the heating down.", "turn down the heating"),
        ("Turn up the heating.", "turn up the heating"),
        ("Close the blinds.", "close the blinds"),
        ("Open the curtains.", "open the curtains"),
        ("Lock the front door.", "lock the front door"),
        ("Close the garage door.", "close the garage door"),
        ("Turn on the garage light.", "turn on the garage light"),
        ("Arm the alarm system.", "arm the alarm system"),
        ("Is the front door locked?", "is the front door locked"),
        ("Are the lights in the kitchen still on?", "are the lights in the kitchen still on"),
        ("How warm is it in the living room?", "what is the temperature in the living room"),
    ],
)
async def test_what_is_said_of_devices_is_asked_of_it(said: str, asked: str, site: Website) -> None:
    assert await answer(await _can(site.url), said) == "Turned on the light"
    assert _asked(site) == [{"text": asked, "language": "en"}]
    assert [one.authorization for one in site.posted] == [f"Bearer {TOKEN}"]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Allume la lumière de la cuisine.", "allume la lumière de la cuisine"),
        ("Éteins la lumière du salon, s'il te plaît.", "éteins la lumière du salon"),
        ("Éteins tout.", "éteins tout"),
        ("Règle le thermostat sur 20 degrés.", "règle le thermostat à 20 degrés"),
        ("Baisse la lampe à vingt pour cent.", "règle la lampe à vingt pour cent"),
        ("Mets la lampe du salon en rouge.", "mets la lampe du salon en rouge"),
        ("Monte le chauffage.", "augmente le chauffage"),
        ("Ferme les volets de la chambre.", "ferme les volets de la chambre"),
        ("Ferme la porte d'entrée à clé.", "verrouille la porte d'entrée"),
        ("Ferme la porte du garage.", "ferme la porte du garage"),
        (
            "Est-ce que la porte d'entrée est verrouillée ?",
            "est-ce que la porte d'entrée est verrouillée",
        ),
        ("Est-ce que les lumières sont éteintes ?", "est-ce que les lumières sont éteintes"),
        (
            "Quelle est la température dans la chambre ?",
            "quelle est la température dans la chambre",
        ),
    ],
)
async def test_in_french(said: str, asked: str, site: Website) -> None:
    _serve(site, "C'est allumé")
    assert await answer(await _can(site.url), said) == "C'est allumé"
    assert _asked(site) == [{"text": asked, "language": "fr"}]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Unlock the back door.", "unlock the back door"),
        ("Open the front door.", "open the front door"),
        ("Open the garage.", "open the garage"),
        ("Disarm the alarm.", "disarm the alarm"),
        ("Turn off the security system.", "disarm the security system"),
        ("Déverrouille la porte d'entrée.", "déverrouille la porte d'entrée"),
        ("Ouvre le portail.", "ouvre le portail"),
        ("Désarme l'alarme.", "désactive l'alarme"),
    ],
)
async def test_what_lets_burglars_in_is_asked_about_first(
    said: str, asked: str, site: Website
) -> None:
    talk = Dialogue(await _can(site.url))
    wish = talk.find(said)
    assert wish is not None
    (question,) = await talk.act(wish)
    assert said.rstrip(".") in question.text
    assert not site.asked
    talk.remember(said)
    agreed = talk.find("oui" if wish.matches[0].language == "fr" else "yes")
    assert agreed is not None
    await talk.act(agreed)
    assert [one["text"] for one in _asked(site)] == [asked]


@pytest.mark.parametrize(
    "said",
    [
        "Turn on the light and unlock the door.",
        "Turn on the garage light and open the garage.",
        "Lock the front door and open the garage.",
        "Allume la lumière et ouvre le garage.",
        "Set the thermostat to 20 degrees and disarm the alarm.",
    ],
)
async def test_it_is_not_let_in_behind_something_else(said: str, site: Website) -> None:
    talk = Dialogue(await _can(site.url))
    wish = talk.find(said)
    assert wish is not None
    await talk.act(wish)
    assert not any(
        word in site.posted[0].body.decode() for word in ("lock the door", "open", "ouv")
    )


@pytest.mark.parametrize(
    "said",
    [
        "Turn on the garage door.",
        "Turn on the garage light and the garage door.",
        "Set the garage door to 100 percent.",
        "Switch off the lock.",
        "Turn off all the locks.",
        "Allume la porte du garage.",
    ],
)
async def test_nor_by_another_verb(said: str, site: Website) -> None:
    assert await answer(await _can(site.url), said) is None


async def test_who_goes_on_is_understood(site: Website) -> None:
    talk = Dialogue(await _can(site.url))
    for said in ("Set the thermostat to 20 degrees.", "Make it 22.", "Turn on the kitchen light."):
        wish = talk.find(said)
        assert wish is not None, said
        await talk.act(wish)
        talk.remember(said)
    wish = talk.find("And the bedroom lamp?")
    assert wish is not None
    await talk.act(wish)
    assert [one["text"] for one in _asked(site)] == [
        "set the thermostat to 20 degrees",
        "set the thermostat to 22 degrees",
        "turn on the kitchen light",
        "turn on the bedroom lamp",
    ]


async def test_each_who_asks_has_a_conversation_of_his_own_there(site: Website) -> None:
    talk = Dialogue(await _can(site.url))
    one, other = ScriptedAsker(), ScriptedAsker()
    for asker in (one, one, other):
        wish = talk.find("Turn on the kitchen light.")
        assert wish is not None
        await talk.act(wish, asker)
    assert [asked.get("conversation_id") for asked in _asked(site)] == [None, "01HX", None]


@pytest.mark.parametrize(
    ("code", "speech", "told"),
    [
        (
            "no_intent_match",
            "Sorry, I couldn't understand that",
            "Your smart home did not understand: turn on the kitchen light.",
        ),
        (
            "no_valid_targets",
            "Sorry, I am not aware of any device called kitchen light.",
            "Your smart home knows no such device or room: turn on the kitchen light. "
            "Sorry, I am not aware of any device called kitchen light.",
        ),
        ("failed_to_handle", "It is jammed.", "Your smart home could not do that. It is jammed."),
        ("unknown", "", "Your smart home could not do that."),
        ("whatever_comes_next", "", "Your smart home could not do that."),
    ],
)
async def test_what_it_could_not_do_is_told(
    code: str, speech: str, told: str, site: Website
) -> None:
    _serve(site, speech, "error", code=code)
    assert await answer(await _can(site.url), "Turn on the kitchen light.") == told


async def test_what_it_did_only_in_part_is_told(site: Website) -> None:
    failed = [{"name": "Hall lamp", "type": "entity", "id": "light.hall"}, {"name": "Desk"}]
    _serve(site, "Turned on the lights.", failed=failed)
    assert await answer(await _can(site.url), "Turn on all the lights.") == (
        "Turned on the lights. That did not work for: Hall lamp, Desk."
    )


async def test_who_does_it_in_silence_is_spoken_for(site: Website) -> None:
    _serve(site, "", conversation=None)
    can = await _can(site.url)
    assert await answer(can, "Turn on the kitchen light.") == "Done."
    assert await answer(can, "Allume la lumière de la cuisine.") == "C'est fait."


async def test_a_home_without_a_token_is_asked_without_one(site: Website) -> None:
    await answer(await _can(site.url, token=None), "Turn on the kitchen light.")
    assert [one.authorization for one in site.posted] == [None]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_is_refused_is_told_and_not_shown(
    status: int,
    site: Website,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("DEBUG")
    site.put(PATH, b"", status=status)
    can = await _can(site.url)
    assert await answer(can, "Turn on the kitchen light.") == REFUSED
    assert site.posted
    assert TOKEN not in caplog.text + "".join(capsys.readouterr())
    assert TOKEN not in repr(SmartHome(site.url, TOKEN))


@pytest.mark.parametrize("status", [302, 400, 404, 405, 500])
async def test_an_address_of_something_else_is_told(status: int, site: Website) -> None:
    elsewhere = site.put("/elsewhere", b"{}")
    site.put(PATH, b"", status=status, location=elsewhere if status == 302 else "")
    assert await answer(await _can(site.url), "Turn on the kitchen light.") == NONSENSE
    assert [one.path for one in site.asked] == [PATH]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Please log in</html>",
        b"[]",
        b"{}",
        b'{"response": {"response_type": "action_undone"}}',
        b'{"response": {"response_type": "query_answer", "speech": {}}}',
        b'{"response": {"response_type": "error", "data": {"code": 7}}}',
        b" " * 300_000,
    ],
)
async def test_nonsense_is_told(body: bytes, site: Website) -> None:
    site.put(PATH, body)
    assert await answer(await _can(site.url), "Turn on the kitchen light.") == NONSENSE


async def test_a_home_that_is_not_there_is_told() -> None:
    can = await _can(f"http://127.0.0.1:{closed_port()}")
    assert await answer(can, "Turn on the kitchen light.") == (
        "Your smart home can't be reached. Look whether Home Assistant runs, and whether home.url "
        "is right."
    )
    assert await answer(can, "Allume la lumière de la cuisine.") == (
        "Votre maison connectée est injoignable. Regardez si Home Assistant fonctionne, et si "
        "home.url est juste."
    )


async def test_one_that_is_too_slow_is_given_up(site: Website) -> None:
    site.put(PATH, b'{"response": {}}', stalls_after=5)
    can = await _can(site.url, timeout_s=0.05)
    assert await answer(can, "Turn on the kitchen light.") == (
        "Your smart home took too long to answer. Look whether it was done."
    )


def _configured(folder: Path, home: HomeConfig) -> Repertoire:
    return load_repertoire(SkillsConfig(folder=folder, data=folder), LANGUAGES, smart_home=home)


async def test_who_has_none_is_told_how_to_connect_one(tmp_path: Path) -> None:
    can = await asyncio.to_thread(_configured, tmp_path, HomeConfig())
    assert await answer(can, "Turn on the kitchen light.") == (
        "No smart home is connected. Set home.url to where Home Assistant is, and home.token to a "
        "token of it."
    )
    assert await answer(can, "Is the front door locked?") == (
        "No smart home is connected. Set home.url to where Home Assistant is, and home.token to a "
        "token of it."
    )


async def test_the_configured_one_is_asked(site: Website, tmp_path: Path) -> None:
    config = HomeConfig.model_validate({"url": f"{site.url}/", "token": TOKEN})
    can = await asyncio.to_thread(_configured, tmp_path, config)
    assert await answer(can, "Turn on the kitchen light.") == "Turned on the light"
    assert site.posted[0].authorization == f"Bearer {TOKEN}"


async def test_a_room_is_asked_about_at_home_and_a_town_in_the_world(tmp_path: Path) -> None:
    can = await asyncio.to_thread(_configured, tmp_path, HomeConfig())
    for said, skill in (
        ("What's the temperature in the bedroom?", "home"),
        ("What's the temperature in Rome?", "weather"),
        ("Quelle est la température dans la chambre ?", "home"),
        ("Quelle est la température à Rome ?", "weather"),
        ("Turn off the alarm.", "timers"),
        ("Set the kitchen timer to 5 minutes.", "timers"),
        ("Turn down the volume.", "sound"),
    ):
        match = can.find(said)
        assert match is not None, said
        assert match.skill == skill


@pytest.mark.parametrize(
    "url",
    [
        "homeassistant.local:8123",
        "ftp://homeassistant.local",
        "http://",
        "http://somebody:secret@homeassistant.local",
        "http://home assistant.local",
        "http://[::1",
        "http://homeassistant.local:99999",
        "http://homeassistant.local/?token=1",
    ],
)
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ValidationError, match=r"like http://homeassistant\.local:8123"):
        HomeConfig(url=url)


def test_a_token_that_can_be_none_is_told_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "heisenberg.toml"
    file.write_text(f'[home]\nurl = "http://127.0.0.1:8123"\ntoken = "{TOKEN}\\n"\n')
    with pytest.raises(ConfigError, match=r"home\.token: .*without a space") as told:
        Config.load(file)
    assert TOKEN not in str(told.value)


async def test_half_a_sentence_switches_nothing() -> None:
    skill = await asyncio.to_thread(SmartHomeSkill, Home(LANGUAGES, Path()))
    assert not any(action.pure for action in skill.actions)


@pytest.mark.parametrize(
    "said",
    [
        "Close your eyes.",
        "Dim sum is what I like.",
        "Turn on the timer.",
        "Set the table for five.",
        "Is it true?",
        "Are you on?",
        "Is the door open to new ideas?",
        "How do I turn on the kitchen light?",
        "Open a bottle of wine.",
        "Why is the kitchen light off?",
        "Turn off the light in ten minutes when I'm asleep.",
        "How warm is it in Rome?",
        "Make the most of it.",
        "Ferme les yeux.",
        "Ouvre une bouteille de vin.",
        "Est-ce que la vie est belle ?",
        "Mets la table.",
        "Comment est-ce qu'on allume la lumière ?",
    ],
)
async def test_talk_is_no_wish(said: str, site: Website) -> None:
    assert await answer(await _can(site.url), said) is None
