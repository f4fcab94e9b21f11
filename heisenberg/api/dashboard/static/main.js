// Puts the page together: what comes from Heisenberg goes to those who show it.

import { get, onLocked } from "./api.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { DocumentsView } from "./documents.js";
import { byId } from "./dom.js";
import { Login } from "./login.js";
import { MemoryView } from "./memory.js";
import { ModelsView } from "./models.js";
import { offerPreferences } from "./preferences.js";
import { RoomTurns } from "./room_turns.js";
import { SettingsView } from "./settings.js";
import { StateView } from "./state.js";
import { note } from "./transcript.js";
import { announce } from "./announce.js";
import { TimersView } from "./timers.js";
import { Waterfall } from "./waterfall.js";
import { apply } from "./words.js";

const LOOK_MS = 10_000;

apply();
offerPreferences();

const state = new StateView();
const room = new RoomTurns(announce);
const waterfall = new Waterfall();
const memory = new MemoryView();
const timers = new TimersView();
const models = new ModelsView();
const documents = new DocumentsView();
const settings = new SettingsView();
new Composer(() => timers.refresh());

const connection = new Connection({
  onStatus(status) {
    state.status(status);
    memory.status(status);
    room.restart(status.state);
    waterfall.replace(status.latencies);
    timers.status(status);
    models.status(status);
    login.status(status);
    documents.status(status);
    settings.refresh();
  },
  onEvent(event) {
    state.take(event);
    room.take(event);
    if (event.event === "latency") waterfall.add(event);
    if (event.event === "skill") timers.refresh();
    if (event.event === "error") {
      note(() => event.message, event.hint, "bad");
      announce(event.message);
    }
  },
  onLink(up) {
    state.link(up ? "up" : "down");
  },
});

const login = new Login(begin);
onLocked(() => {
  state.link("locked");
  login.open();
});
byId("try-now").addEventListener("click", () => connection.open());

async function begin() {
  state.link("connecting");
  try {
    await get("/api/status");
  } catch (error) {
    if (error.status === 401) return; // the log-in begins again
  }
  connection.open();
}

// What changes without an event.
setInterval(async () => {
  if (!connection.isUp || document.visibilityState !== "visible") return;
  try {
    const status = await get("/api/status");
    memory.status(status);
    await timers.status(status);
    await models.status(status);
    await documents.status(status);
  } catch {
    // The connection tells that it is gone, and the log-in that it is locked.
  }
}, LOOK_MS);

begin();
