"""Asking from the page in a real browser, in writing and aloud."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import numpy as np
import pytest
from playwright.async_api import Browser, Page, expect

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import EngineError
from tests.e2e.dashboard import IN_A_BROWSER, TONE_HZ, engines, state, turns
from tests.fakes.api import Engines, serving
from tests.fakes.browser import visit
from tests.fakes.documents import ScriptedKnowledge
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts

pytestmark = IN_A_BROWSER

NOTE_SOUND = """() => {
window.sounds = []; window.stops = 0;
const {start, stop} = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.start = function (when = 0) {
  // A recording is brought to another rate with the same kind of node.
  if (!(this.context instanceof OfflineAudioContext)) {
    window.sounds.push({when, seconds: this.buffer.duration});
    document.documentElement.dataset.sounds = window.sounds.length;
  }
  return start.apply(this, arguments);
};
AudioBufferSourceNode.prototype.stop = function () {
  window.stops += 1;
  return stop.apply(this, arguments);
};
}"""


async def sounds(page: Page) -> list[dict[str, float]]:
    """What was given to the speaker so far: when it begins, and how long it is."""
    found: list[dict[str, float]] = await page.evaluate("window.sounds")
    return found


async def ask(page: Page, question: str) -> None:
    await page.get_by_role("textbox", name="Your question").fill(question)
    await page.keyboard.press("Enter")


async def test_an_answer_in_writing_comes_as_it_is_written(browser: Browser) -> None:
    rest = asyncio.Event()
    llm = ScriptedLanguageModel([["Blue", " <b>and</b> old."]], gates={1: rest})
    knowledge = ScriptedKnowledge({"pump": ["The pump is blue."]})
    async with (
        serving(Engines(llm, knowledge=knowledge)) as api,
        visit(browser, api.url) as page,
    ):
        await ask(page, "Which colour has the pump?")
        said = turns(page).locator(".turn-answer")
        await expect(said).to_have_text("Blue")
        await expect(page.get_by_role("button", name="Ask")).to_be_hidden()
        rest.set()
        await expect(said).to_have_text("Blue <b>and</b> old.")  # text, whatever is in it
        await expect(turns(page)).to_contain_text("Guide > Pumps, line 7")
        await expect(page.get_by_role("button", name="Ask")).to_be_visible()
        await expect(page.get_by_role("textbox", name="Your question")).to_have_value("")
        await expect(page.locator("#announcer")).to_have_text("Blue <b>and</b> old.")
        # The next question is one of the same conversation.
        await ask(page, "And how old?")
        await expect(turns(page)).to_have_count(2)
    assert llm.requests[1].history[0][1] == "Blue <b>and</b> old."


@pytest.mark.parametrize("by_key", [False, True])
async def test_stop_ends_an_answer_in_writing(browser: Browser, by_key: bool) -> None:
    llm = ScriptedLanguageModel([["Once", " upon a time"], ["Yes."]], gates={1: asyncio.Event()})
    async with serving(Engines(llm)) as api, visit(browser, api.url) as page:
        await ask(page, "Tell me a story.")
        await expect(turns(page).locator(".turn-answer")).to_have_text("Once")
        if by_key:
            await page.keyboard.press("Escape")
        else:
            await page.locator("#composer").get_by_role("button", name="Stop").click()
        await expect(turns(page)).to_contain_text("stopped")
        await expect(page.get_by_role("textbox", name="Your question")).to_have_value("")
        # The model is free again.
        await ask(page, "Are you there?")
        await expect(turns(page).last.locator(".turn-answer")).to_have_text("Yes.")


async def test_a_question_that_fails_is_given_back(browser: Browser) -> None:
    failure = EngineError("The model is out of breath.", "Ask again.")
    llm = ScriptedLanguageModel([["Blue", " it is."]], error=failure, error_at=1)
    async with serving(Engines(llm)) as api, visit(browser, api.url) as page:
        await ask(page, "Which colour?")
        await expect(turns(page)).to_contain_text("The model is out of breath.")
        await expect(turns(page)).to_contain_text("Ask again.")
        await expect(page.get_by_role("textbox", name="Your question")).to_have_value(
            "Which colour?"
        )


async def test_a_question_spoken_while_the_button_is_held_is_answered_aloud(
    browser: Browser,
) -> None:
    stt = ScriptedStt(["What is the capital of France?"])
    llm = ScriptedLanguageModel([["Paris is its capital. ", "It lies on the Seine, in the north."]])
    tts = ScriptedTts()
    async with (
        serving(Engines(llm, stt, tts)) as api,
        visit(browser, api.url) as page,
    ):
        await page.evaluate(NOTE_SOUND)
        await page.get_by_role("button", name="Talk").hover()
        await page.mouse.down()
        await record(page)
        await page.mouse.up()
        await expect(turns(page).locator(".turn-question")).to_have_text(
            "What is the capital of France?"
        )
        await expect(turns(page).locator(".turn-answer")).to_contain_text("on the Seine")
        await expect(page.get_by_role("button", name="Ask")).to_be_visible()  # it has sounded

        # At 16 kHz the tone of the microphone has its own pitch, and no other.
        (heard,) = stt.heard
        assert 0.5 < len(heard) / RATE_HZ < 10
        assert pitch_hz(heard) == pytest.approx(TONE_HZ, abs=10)

        played = await sounds(page)
        assert len(played) == len(tts.spoken) > 1
        for before, after in pairwise(played):
            assert after["when"] == pytest.approx(before["when"] + before["seconds"], abs=1e-6)


async def record(page: Page) -> None:
    """Until a second of sound has come from the microphone."""
    await expect(page.get_by_role("button", name="Talk")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#composer-hint")).to_contain_text("Listening, 1 s")


def pitch_hz(sound: Pcm) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64)))
    return float(spectrum.argmax() * RATE_HZ / len(sound))


async def test_the_space_bar_talks_and_stop_is_silence_at_once(browser: Browser) -> None:
    tts = ScriptedTts(word_s=4.0)
    llm = ScriptedLanguageModel([["Once upon a time there was a king. ", "He had no horse."]])
    async with (
        serving(Engines(llm, tts=tts)) as api,
        visit(browser, api.url) as page,
    ):
        await page.evaluate(NOTE_SOUND)
        await page.get_by_role("button", name="Talk").focus()
        await page.keyboard.down(" ")
        await record(page)
        await page.keyboard.up(" ")
        await expect(turns(page)).to_contain_text("Once upon a time")
        await expect(page.locator("html")).to_have_attribute("data-sounds", "1")
        await page.locator("#composer").get_by_role("button", name="Stop").click()
        await expect(turns(page)).to_contain_text("stopped")
        await expect(page.get_by_role("button", name="Ask")).to_be_visible()
        assert await page.evaluate("window.stops") == len(await sounds(page))


async def test_a_tap_begins_and_a_tap_ends(browser: Browser) -> None:
    stt = ScriptedStt([""])
    async with (
        serving(engines(stt=stt)) as api,
        visit(browser, api.url, has_touch=True, viewport={"width": 390, "height": 800}) as page,
    ):
        await expect(state(page)).to_have_text("Idle")
        talk = page.get_by_role("button", name="Talk")
        await talk.tap()
        await record(page)
        await talk.tap()
        # There were no words in it.
        await expect(page.locator("#composer-hint")).to_have_text("Nothing was understood.")
        await expect(turns(page)).to_have_count(0)
        await expect(talk).to_have_attribute("aria-pressed", "false")
        assert len(stt.heard) == 1


async def test_without_a_microphone_it_says_what_to_do(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url) as page:
        port = api.url.rpartition(":")[2]
        await page.add_init_script(
            "Object.defineProperty(window, 'isSecureContext', {value: false})"
        )
        await page.reload()
        await expect(page.get_by_role("button", name="Talk")).to_be_disabled()
        await expect(page.locator("#composer-hint")).to_contain_text(f"http://localhost:{port}")


async def test_a_refused_microphone_is_explained(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url) as page:
        await page.evaluate(
            "() => { navigator.mediaDevices.getUserMedia = () => "
            "Promise.reject(new DOMException('no', 'NotAllowedError')); }"
        )
        await page.get_by_role("button", name="Talk").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#composer-hint")).to_contain_text("Allow it in the settings")
        await expect(page.get_by_role("button", name="Talk")).to_have_attribute(
            "aria-pressed", "false"
        )
