"""The page in a real browser, on the real API with scripted engines: what happens in the room."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from heisenberg.core.events import Event
from tests.e2e.dashboard import (
    IN_A_BROWSER,
    answer,
    complete,
    engines,
    hear,
    move,
    state,
    turns,
    wait,
)
from tests.fakes.api import serving
from tests.fakes.browser import visit
from tests.fakes.trigger import ScriptedRoom

pytestmark = IN_A_BROWSER


async def test_a_turn_in_the_room_is_seen_as_it_happens(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url) as page:
        await expect(state(page)).to_have_text("Idle")
        await expect(page.locator("#state-more")).to_have_text('Say "Hey Jarvis"')
        api.publish(Event.WAKE, model="hey_jarvis", score=0.98)
        move(api, "IDLE", "LISTENING", "wake")
        api.publish(Event.SPEECH_START, voiced_start_s=1.0)
        api.publish(Event.TRANSCRIPT, text="What is the", language="en", final=False)
        await expect(state(page)).to_have_text("Listening")
        await expect(turns(page)).to_contain_text("What is the")
        await expect(turns(page)).to_contain_text("is being said")

        api.publish(Event.DRAFT, revision=1)
        await expect(turns(page)).to_contain_text("an answer is being prepared")
        # The user goes on: the draft is dropped.
        api.publish(Event.TRANSCRIPT, text="What is the capital", language="en", final=False)
        await expect(turns(page)).not_to_contain_text("being prepared")

        move(api, "LISTENING", "THINKING", "speech_end")
        api.publish(
            Event.TRANSCRIPT, text="What is the capital of France?", language="en", final=True
        )
        await expect(state(page)).to_have_text("Thinking")
        answer(api, "Paris", " is it.")
        await expect(state(page)).to_have_text("Speaking")
        await expect(turns(page).locator(".turn-answer")).to_have_text("Paris is it.")
        complete(api, "Paris is it.", local=False)
        await expect(state(page)).to_have_text("Idle")
        await expect(turns(page)).to_have_count(1)
        await expect(turns(page).locator(".turn-question")).to_have_text(
            "What is the capital of France?"
        )
        for said in ("wake word 0.98", "first sound 0.70 s", "not on this machine"):
            await expect(turns(page)).to_contain_text(said)
        # Read out once, and whole.
        assert await page.locator("#announcer").inner_text() in ("Idle", "Paris is it.")


async def test_what_comes_to_nothing_disappears(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url) as page:
        await expect(state(page)).to_have_text("Idle")
        move(api, "IDLE", "LISTENING", "wake")
        api.publish(Event.SPEECH_START, voiced_start_s=1.0)
        await expect(turns(page)).to_have_count(1)
        move(api, "LISTENING", "IDLE", "nothing_heard")
        await expect(turns(page)).to_have_count(0)
        await expect(page.locator("#transcript-empty")).to_be_visible()

        # Half a question was answered: the user had not finished.
        hear(api, "Turn on the light")
        api.publish(Event.LLM_TOKEN, text="Which light?")
        await expect(turns(page)).to_contain_text("Which light?")
        api.publish(Event.BARGE_IN, confirmed=True, by="speech", text="")
        move(api, "THINKING", "LISTENING", "barge_in")
        api.publish(Event.SPEECH_START, voiced_start_s=4.0)
        await expect(turns(page)).not_to_contain_text("Which light?")
        move(api, "LISTENING", "THINKING", "speech_end")
        api.publish(
            Event.TRANSCRIPT, text="Turn on the light in the hall.", language="en", final=True
        )
        answer(api, "It is on.")
        complete(api, "It is on.")
        await expect(turns(page)).to_have_count(1)
        await expect(turns(page).locator(".turn-question")).to_have_text(
            "Turn on the light in the hall."
        )


async def test_interrupted_and_stopped_answers_are_marked(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url) as page:
        await expect(state(page)).to_have_text("Idle")
        hear(api, "Tell me a story.")
        answer(api, "Once upon a time")
        api.publish(Event.BARGE_IN, confirmed=True, by="speech", text="wait")
        api.publish(Event.PLAYBACK_END, heard_s=1.2, interrupted=True)
        move(api, "SPEAKING", "LISTENING", "barge_in")
        api.publish(Event.SPEECH_START, voiced_start_s=8.0)
        await expect(turns(page).first).to_contain_text("interrupted after 1.2 s")
        move(api, "LISTENING", "THINKING", "speech_end")
        api.publish(Event.TRANSCRIPT, text="Wait, another one.", language="en", final=True)
        move(api, "THINKING", "IDLE", "cancel")
        await expect(turns(page)).to_have_count(2)
        await expect(turns(page).last).to_contain_text("stopped")


async def test_errors_and_lost_devices_say_what_to_do(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url) as page:
        await expect(state(page)).to_have_text("Idle")
        api.publish(Event.ERROR, code="engine", message="The voice failed.", hint="See the doctor.")
        await expect(turns(page)).to_contain_text("The voice failed.")
        await expect(turns(page)).to_contain_text("See the doctor.")

        lost = {"kind": "microphone", "state": "lost", "name": "USB", "hint": "Plug it in."}
        api.publish(Event.DEVICE, **lost)
        await expect(page.locator("#troubles")).to_contain_text("Microphone lost: USB")
        await expect(page.locator("#troubles")).to_contain_text("Plug it in.")
        api.publish(Event.DEVICE, **{**lost, "state": "back", "hint": ""})
        await expect(page.locator("#troubles")).to_be_hidden()
        await expect(turns(page).last).to_contain_text("Microphone works again: USB")


async def test_it_connects_again_by_itself(browser: Browser) -> None:
    async with serving(engines()) as api:
        port = api.url.rpartition(":")[2]
        going = visit(browser, api.url, refused=(0,))
        page = await going.__aenter__()
        await expect(state(page)).to_have_text("Idle")
    await expect(state(page)).to_have_text("Not connected")
    await expect(page.get_by_role("button", name="Try now")).to_be_visible()
    async with serving(engines(room=None), f"api.port={port}"):
        await expect(state(page)).to_have_text("Ready")  # what it is told anew
        await expect(page.get_by_role("button", name="Try now")).to_be_hidden()
        await going.__aexit__(None, None, None)


async def test_the_room_does_what_its_buttons_say(browser: Browser) -> None:
    room = ScriptedRoom()
    async with serving(engines(room=room)) as api, visit(browser, api.url) as page:
        await page.get_by_role("button", name="Listen").click()
        await expect(state(page)).to_have_text("Listening")
        assert room.done == ["tap"]
        await page.get_by_role("button", name="Answer now").click()
        await room.until(2)
        await page.get_by_role("group", name="Room").get_by_role("button", name="Stop").click()
        await expect(state(page)).to_have_text("Idle")
        assert room.done == ["tap", "tap", "cancel"]
        await page.get_by_role("button", name="Mute", exact=True).click()
        await expect(state(page)).to_have_text("Muted")
        assert room.muted
        await page.get_by_role("button", name="Unmute").click()
        await expect(state(page)).to_have_text("Idle")
        assert not room.muted


async def test_the_waits_of_the_last_turns_are_shown(browser: Browser) -> None:
    async with serving(engines()) as api:
        wait(api, 0.9)  # before anybody looked
        async with visit(browser, api.url) as page:
            panel = page.get_by_role("region", name="Latency")
            await expect(panel).to_contain_text("0.90 s to the first sound")
            wait(api, 0.7)
            await expect(panel).to_contain_text("0.70 s to the first sound · last turn")
            await expect(panel).to_contain_text("median 0.80 s")
            stages = panel.locator(".stages tr")
            await expect(stages).to_have_count(7)
            await expect(stages.nth(1)).to_have_text("Recognition0.20 s")

            # With the keyboard, one turn back.
            await panel.get_by_role("radio").last.focus()
            await page.keyboard.press("ArrowLeft")
            await expect(panel).to_contain_text("0.90 s to the first sound · 1 turn ago")
            await expect(panel.get_by_role("radio").first).to_be_focused()

            await panel.get_by_text("All turns as a table").click()
            rows = panel.get_by_role("table").last.get_by_role("row")
            await expect(rows).to_have_count(3)
            await expect(rows.nth(1)).to_contain_text("0.70")
