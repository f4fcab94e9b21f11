// Heisenberg's HTTP API, and its errors.

import { serverSentEvents } from "./sse.js";
import { t } from "./words.js";

let whenLocked = () => {};

/** What went wrong (`message`) and what to do about it (`hint`, which may be empty). */
export class ApiError extends Error {
  constructor({ code, message, hint }, status = 0) {
    super(message);
    this.code = code;
    this.hint = hint ?? "";
    this.status = status;
  }
}

/** Have `listener` called whenever an answer says that a token is needed. */
export function onLocked(listener) {
  whenLocked = listener;
}

/** The JSON document at `path`. Throws `ApiError`, and `AbortError` when `signal` says so. */
export async function get(path, { signal } = {}) {
  return (await ask(path, { signal })).json();
}

/** Post a JSON document; returns the one that comes back, or null where none does. Throws as `get`. */
export async function post(path, body = {}) {
  const answer = await ask(path, { method: "POST", ...json(body) });
  return answer.status === 204 ? null : answer.json();
}

/** Post a JSON document or a sound; an async iterator of the events `{event, data}` that come back. */
export async function* stream(path, body, { signal }) {
  const content =
    body instanceof Blob ? { body, headers: { "Content-Type": body.type } } : json(body);
  const answer = await ask(path, { method: "POST", ...content, signal });
  try {
    yield* serverSentEvents(answer.body);
  } catch (error) {
    throw error.name === "AbortError" ? error : unreachable();
  }
}

/** What to show of any error that calling the API can end with. */
export function asApiError(error) {
  if (error instanceof ApiError) return error;
  console.error(error);
  return new ApiError({ code: "page", message: t("error.page"), hint: t("error.page.hint") });
}

function json(body) {
  return { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : unreachable();
  }
  if (answer.ok) return answer;
  const error = await refusal(answer);
  if (answer.status === 401) whenLocked();
  throw error;
}

async function refusal(answer) {
  try {
    return new ApiError((await answer.json()).error, answer.status);
  } catch {
    const message = t("error.status", { status: answer.status });
    return new ApiError({ code: "status", message, hint: t("error.page.hint") }, answer.status);
  }
}

function unreachable() {
  const hint = t("error.unreachable.hint");
  return new ApiError({ code: "unreachable", message: t("error.unreachable"), hint });
}
