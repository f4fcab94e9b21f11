// An answer as it comes over HTTP: into a turn of the transcript, and aloud.

import { ApiError } from "./api.js";
import { t } from "./words.js";

/**
 * Follow the events of an answer to its end; returns its text. Throws what the stream throws, and
 * `ApiError` for an error event, or a stream that breaks off.
 */
export async function follow(events, turn, player = null) {
  for await (const { event, data } of events) {
    if (event === "transcript") turn.question(data.text);
    else if (event === "token") turn.append(data.text);
    else if (event === "audio") player?.play(data.wav);
    else if (event === "error") throw new ApiError(data.error);
    else if (event === "done") {
      turn.answer(data.response);
      turn.sources(data.sources);
      return data.response;
    }
  }
  throw new ApiError({
    code: "broken",
    message: t("error.broken"),
    hint: t("error.unreachable.hint"),
  });
}
