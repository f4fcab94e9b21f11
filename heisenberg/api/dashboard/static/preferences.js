// Language and colours, as chosen at the top of the page.

import { byId } from "./dom.js";
import { keep, recall } from "./kept.js";
import { currentLanguage, speak } from "./words.js";

/** Make the two choices work. */
export function offerPreferences() {
  const language = byId("language");
  language.value = currentLanguage();
  language.addEventListener("change", () => speak(language.value));

  const theme = byId("theme");
  theme.value = recall("theme") ?? "auto";
  theme.addEventListener("change", () => {
    if (theme.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    keep("theme", theme.value === "auto" ? null : theme.value);
  });
}
