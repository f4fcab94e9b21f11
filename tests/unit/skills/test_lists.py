"""Lists and notes, asked for in words, and the files that they are."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from pathlib import Path

import pytest

from heisenberg.skills.base import Call, Home
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.help import UNKNOWN, Help
from heisenberg.skills.lists.skill import ListsAndNotes
from heisenberg.skills.repertoire import Repertoire
from tests.fakes.skills import NOW, answer, repertoire

LANGUAGES = ("en", "fr")


async def _can(folder: Path, languages: Sequence[str] = LANGUAGES) -> Repertoire:
    home = Home(tuple(languages), Path("/nowhere"), folder / "lists")
    return await repertoire(await asyncio.to_thread(ListsAndNotes, home), languages=languages)


async def _talk(folder: Path, *turns: tuple[str, str | None]) -> None:
    can = await _can(folder)
    for asked, said in turns:
        assert await answer(can, asked) == said


def _write(folder: Path, name: str, text: str) -> Path:
    (folder / "lists").mkdir(exist_ok=True)
    file = folder / "lists" / name
    file.write_bytes(text.encode())
    return file


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


async def test_the_shopping_list(tmp_path: Path) -> None:
    await _talk(
        tmp_path,
        ("What's on my shopping list?", "There is nothing on the shopping list."),
        (
            "Add milk, eggs and a bottle of wine to the shopping list.",
            "Added to the shopping list: milk, eggs and bottle of wine.",
        ),
        ("Put some butter on the list, please.", "Added to the shopping list: butter."),
        ("Add milk to my grocery list.", "On the shopping list already: milk."),
        (
            "What's on the list?",
            "On the shopping list: milk, eggs, bottle of wine and butter.",
        ),
        ("Take the eggs off the shopping list.", "Taken off the shopping list: eggs."),
        ("Remove milk and butter from the list.", "Taken off the shopping list: milk and butter."),
        ("Remove cheese from the list.", "Not on the shopping list: cheese."),
        ("Is there wine on the shopping list?", "Yes, on the shopping list: bottle of wine."),
        ("Tick off the wine.", "Ticked on the shopping list: bottle of wine."),
        ("Read me the shopping list.", "There is nothing on the shopping list."),
        (
            "Clear the shopping list.",
            "Nothing is left on the shopping list: everything is cleared.",
        ),
    )


async def test_what_is_to_be_done_is_not_taken_apart(tmp_path: Path) -> None:
    await _talk(
        tmp_path,
        (
            "Add call mum and dad to my to-do list.",
            "Added to the to-do list: call mum and dad.",
        ),
        ("Put buy stamps on my to do list", "Added to the to-do list: buy stamps."),
        ("What's on my to-do list?", "On the to-do list: call mum and dad; buy stamps."),
        ("Mark buy stamps as done.", "Ticked on the to-do list: buy stamps."),
    )


async def test_lists_of_any_name(tmp_path: Path) -> None:
    no_such = "There is no list called holiday. To begin it, say: create a list called holiday."
    await _talk(
        tmp_path,
        ("Which lists are there?", "There are no lists yet. Say: create a list called camping."),
        ("Add a tent to the holiday list.", no_such),
        ("Create a list called camping.", "Begun: the camping list."),
        ("Create a list called camping.", "It is there already: the camping list."),
        ("Add a tent to the camping list.", "Added to the camping list: tent."),
        ("What's on the caming list?", "On the camping list: tent."),
        ("Remove the tent from the list.", "Taken off the camping list: tent."),
        ("Put tea on the shopping list.", "Added to the shopping list: tea."),
        ("Which lists are there?", "Lists: the camping list and the shopping list."),
        ("Delete the camping list.", "Deleted: the camping list."),
        ("What lists do I have?", "Lists: the shopping list."),
        ("Create a list called notes.", "No list can be called notes."),
    )
    assert [file.name for file in _files(tmp_path)] == ["shopping.md"]


async def test_in_french(tmp_path: Path) -> None:
    await _talk(
        tmp_path,
        (
            "Ajoute du lait, des œufs et de la crème à la liste de courses.",
            "Ajouté à la liste de courses : lait, œufs et crème.",
        ),
        ("Raye le lait de ma liste.", "Retiré de la liste de courses : lait."),
        ("Qu'y a-t-il sur la liste de courses ?", "Sur la liste de courses : œufs et crème."),
        (
            "Ajoute appeler papa et maman à ma liste de tâches.",
            "Ajouté à la liste de tâches : appeler papa et maman.",
        ),
        ("Crée une liste appelée vacances.", "Voilà la liste vacances."),
        ("Mets une tente sur la liste vacances.", "Ajouté à la liste vacances : tente."),
        ("Vide la liste de courses.", "Tout est effacé : la liste de courses."),
        ("Note que la clé est chez le voisin.", "Noté : la clé est chez le voisin."),
        ("Lis mes notes.", "Une note : la clé est chez le voisin."),
        ("Supprime la dernière note.", "Supprimé : la clé est chez le voisin."),
    )


async def test_both_languages_speak_of_the_same_list(tmp_path: Path) -> None:
    await _talk(
        tmp_path,
        ("Add milk to the shopping list.", "Added to the shopping list: milk."),
        ("Lis la liste de courses.", "Sur la liste de courses : milk."),
    )
    french_first = await _can(tmp_path, ("fr", "en"))
    assert await answer(french_first, "Lis la liste de courses.") == (
        "Sur la liste de courses : milk."
    )


async def test_notes(tmp_path: Path) -> None:
    await _talk(
        tmp_path,
        ("Read my notes.", "There are no notes."),
        (
            "Take a note: the key is in the drawer, on the left.",
            "Noted: the key is in the drawer, on the left.",
        ),
        ("Note that the boiler needs checking.", "Noted: the boiler needs checking."),
        ("Make a note to call the bank", "Noted: call the bank."),
        (
            "What are my notes?",
            "3 notes, the latest first: call the bank; the boiler needs checking; "
            "the key is in the drawer, on the left.",
        ),
        ("Delete the last note.", "Deleted: call the bank."),
    )
    assert (tmp_path / "lists" / "notes.md").read_text() == (
        "# notes\n\n"
        "- 2026-11-29 14:05: the key is in the drawer, on the left\n"
        "- 2026-11-29 14:05: the boiler needs checking\n"
    )
    await _talk(
        tmp_path,
        ("Delete all my notes.", "All notes are deleted."),
        ("Delete the last note.", "There are no notes."),
    )


async def test_what_else_is_in_a_file_stays(tmp_path: Path) -> None:
    text = (
        "---\r\ntags:\r\n- home\r\n---\r\n# Shopping\r\n\r\n* [x] bread\r\n1. **milk** 2 l\r\n"
        "  - [ ] oat milk\r\n\r\n- - -\r\n```\r\n- not an item\r\n```\r\nBring bags."
    )
    file = _write(tmp_path, "shopping.md", text)
    await _talk(
        tmp_path,
        ("What's on the shopping list?", "On the shopping list: milk 2 l and oat milk."),
        (
            "Add bread and tea to the shopping list.",
            "Added to the shopping list: bread and tea.",
        ),
        ("Take oat milk off the shopping list.", "Taken off the shopping list: oat milk."),
    )
    assert file.read_bytes().decode() == text.replace("[x]", "[ ]").replace(
        "  - [ ] oat milk", "- [ ] tea"
    )
    cleared = "Nothing is left on the shopping list: everything is cleared."
    await _talk(tmp_path, ("Clear the shopping list.", cleared))
    assert file.read_bytes().decode() == (
        "---\r\ntags:\r\n- home\r\n---\r\n# Shopping\r\n\r\n"
        "\r\n- - -\r\n```\r\n- not an item\r\n```\r\nBring bags."
    )


async def test_a_long_list_is_not_read_out_to_its_end(tmp_path: Path) -> None:
    _write(tmp_path, "shopping.md", "".join(f"- thing {number}\n" for number in range(40)))
    said = await answer(await _can(tmp_path), "Read me the shopping list.")
    assert said is not None
    assert said.startswith("There are 40 things on the shopping list. The first: thing 0; thing 1")
    assert "thing 15" not in said


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside", "..\\outside"])
async def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    can = await _can(tmp_path)
    await answer(can, f"Create a list called {name}")
    await answer(can, f"Add milk to the {name} list")
    (made,) = _files(tmp_path)
    assert made.parent == tmp_path / "lists"
    assert "milk" in made.read_text()


async def test_a_full_disk_is_told_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _write(tmp_path, "shopping.md", "- milk\n")

    def full(*_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("heisenberg.core.files.tempfile.mkstemp", full)
    await _talk(
        tmp_path,
        ("Add tea to the shopping list.", "Nothing was changed: the disk is full."),
        ("Remove milk from the shopping list.", "Nothing was changed: the disk is full."),
        ("Ajoute du thé à la liste de courses.", "Rien n'est changé : le disque est plein."),
    )
    assert file.read_text() == "- milk\n"


async def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "lists").write_text("a file")
    await _talk(
        tmp_path,
        (
            "Add tea to the shopping list.",
            "Nothing was changed: the folder of the lists can't be written. Look whose it is.",
        ),
        ("Which lists are there?", "There are no lists yet. Say: create a list called camping."),
    )


@pytest.mark.parametrize("content", [b"- caf\xe9\n", b"- " + b"x" * 1_000_001])
async def test_what_is_no_text_is_left_alone(content: bytes, tmp_path: Path) -> None:
    file = _write(tmp_path, "shopping.md", "")
    file.write_bytes(content)
    unreadable = (
        "The file can't be read, so nothing was changed. Look whether it is plain text, and yours."
    )
    await _talk(
        tmp_path,
        ("Add tea to the shopping list.", unreadable),
        ("What's on the shopping list?", unreadable),
    )
    assert file.read_bytes() == content


async def test_only_its_owner_reads_a_new_list_and_an_old_one_stays_as_open_as_it_was(
    tmp_path: Path,
) -> None:
    old = _write(tmp_path, "shopping.md", "- milk\n")
    old.chmod(0o644)
    await _talk(
        tmp_path,
        ("Add tea to the shopping list.", "Added to the shopping list: tea."),
        ("Create a list called camping.", "Begun: the camping list."),
    )
    assert old.stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "lists" / "camping.md").stat().st_mode & 0o777 == 0o600


async def test_a_pause_that_a_recogniser_takes_for_an_end_parts_things(tmp_path: Path) -> None:
    await _talk(
        tmp_path,
        (
            "Put milk. Eggs and Dr. Oetker pizza on the shopping list.",
            "Added to the shopping list: milk, Eggs and Dr. Oetker pizza.",
        ),
    )


async def test_what_follows_is_about_the_same_list(tmp_path: Path) -> None:
    _write(tmp_path, "camping.md", "- [ ] tent\n- [ ] rope\n")
    talk = Dialogue(await _can(tmp_path))
    for asked, said in (
        ("What's on the camping list?", "On the camping list: tent and rope."),
        ("Take the rope off again.", "Taken off the camping list: rope."),
        ("Add a stove as well.", "Added to the camping list: stove."),
        ("Put some matches on it too.", "Added to the camping list: matches."),
        ("Cancel that.", "Taken back."),
    ):
        wish = talk.find(asked)
        assert wish is not None, asked
        (done,) = await talk.act(wish)
        talk.remember(wish.said)
        assert done.text == said


async def test_a_list_that_nobody_spoke_of_is_not_gone_on_about(tmp_path: Path) -> None:
    assert Dialogue(await _can(tmp_path)).find("Take the rope off again.") is None


async def test_what_was_done_is_taken_back(tmp_path: Path) -> None:
    file = _write(tmp_path, "shopping.md", "- [ ] tea\n")
    talk = Dialogue(await _can(tmp_path))

    async def say(text: str) -> str:
        wish = talk.find(text)
        assert wish is not None, text
        (done,) = await talk.act(wish)
        talk.remember(wish.said)
        return done.text

    for asked in (
        "Add milk and tea to the shopping list.",
        "Take tea off the list.",
        "Tick off the tea.",
    ):
        await say(asked)
        assert await say("Undo that.") == "Taken back."
        assert file.read_text() == "- [ ] tea\n"
    await say("Take a note that the boiler needs checking.")
    assert await say("Forget that.") == "Taken back."
    assert await say("Read my notes.") == "There are no notes."
    await say("Add milk to the shopping list.")
    file.write_text("- [ ] tea\n- [ ] milk\n- [ ] jam\n")
    assert await say("Undo that.") == "That can't be taken back: something has changed since."
    assert "jam" in file.read_text()


async def test_what_can_not_be_undone_is_asked_first_and_nothing_else(tmp_path: Path) -> None:
    skill = await asyncio.to_thread(ListsAndNotes, Home(LANGUAGES, tmp_path))
    asked = {action.name for action in skill.actions if action.confirm}
    assert asked == {"clear", "delete", "delete_notes"}


@pytest.mark.parametrize(
    "asked",
    [
        "I like lists.",
        "My list of worries keeps growing.",
        "Give me a list of the planets.",
        "Make a list of things to see in Rome.",
        "Take your coat off.",
        "Add it to the list.",
        "What does a good to-do list look like?",
        "Take notes on this chapter.",
        "I put milk on the shopping list yesterday.",
        "Donne-moi la liste des présidents français.",
        "La liste de mes soucis s'allonge.",
        "Crée une liste de dix films.",
        "Note de musique",
    ],
)
async def test_who_talks_about_lists_is_not_asking_for_one(asked: str, tmp_path: Path) -> None:
    assert await answer(await _can(tmp_path), asked) is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Where's the spare key?", "You noted: the spare key is under the red pot."),
        ("Where did I leave the car?", "You noted: I parked the car on level three."),
        ("Has the plumber called?", "You noted: the plumber comes on Tuesday."),
        ("Where are my glasses?", "I have no way to know that."),
        ("Did my sister write back about the party?", "I have no way to know that."),
        ("Who is it?", "I have no way to know that."),
    ],
)
async def test_what_nobody_can_know_may_have_been_noted(
    tmp_path: Path, asked: str, said: str
) -> None:
    home = Home(LANGUAGES, Path("/nowhere"), tmp_path / "lists")
    lists = await asyncio.to_thread(ListsAndNotes, home)
    can = await repertoire(lists, languages=LANGUAGES)
    for note in (
        "Remember that the spare key is under the blue pot.",
        "Take a note that my sister is allergic to nuts.",
        "Note that the plumber comes on Tuesday.",
        "Keep in mind that I parked the car on level three.",
        "Souviens-toi que the spare key is under the red pot.",
    ):
        assert "ot" in (await answer(can, note) or ""), note
    answering = await asyncio.to_thread(Help, home, [lists])
    unknown = next(one for one in answering.actions if one.name == UNKNOWN)
    assert await unknown.run(Call("en", NOW, said=asked)) == said


async def test_notes_that_can_not_be_read_hold_no_answer_up(tmp_path: Path) -> None:
    home = Home(LANGUAGES, Path("/nowhere"), tmp_path / "lists")
    lists = await asyncio.to_thread(ListsAndNotes, home)
    (await asyncio.to_thread(_write, tmp_path, "notes.md", "")).write_bytes(b"\xff\xfe\x00 no text")
    answering = await asyncio.to_thread(Help, home, [lists])
    unknown = next(one for one in answering.actions if one.name == UNKNOWN)
    call = Call("en", NOW, said="Where's the spare key?")
    assert await unknown.run(call) == "I have no way to know that."
