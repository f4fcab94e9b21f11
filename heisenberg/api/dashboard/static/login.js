// The token that the API may ask for: entered once, kept as a cookie that no script can read.

import { asApiError, post } from "./api.js";
import { byId, element, show } from "./dom.js";
import { onLanguage, t } from "./words.js";

/** Asks for the token when it is needed; `onIn()` is called when it was right. */
export class Login {
  #onIn;
  #title = element("h2", { id: "login-title" });
  #why = element("p");
  #label = element("label", { for: "token" });
  #button = element("button", { class: "primary", type: "submit" });
  #error = element("p", { id: "login-error", class: "error", role: "alert" });
  #token = element("input", {
    id: "token",
    name: "token",
    type: "password",
    autocomplete: "current-password",
    required: true,
    "aria-describedby": "login-error",
  });
  #dialog = element("dialog", { class: "login", "aria-labelledby": "login-title" });

  constructor(onIn) {
    this.#onIn = onIn;
    // A password is kept by browsers beside a name.
    const name = { type: "text", name: "username", value: "heisenberg", autocomplete: "username" };
    const form = element(
      "form",
      {},
      this.#title,
      this.#why,
      element("input", { ...name, hidden: true }),
    );
    form.append(this.#label, this.#token, this.#error, this.#button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter();
    });
    this.#dialog.append(form);
    // Without the token there is nothing behind it to go back to.
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(this.#dialog);
    byId("log-out").addEventListener("click", () => this.#leave());
    onLanguage(() => this.#draw());
  }

  /** The document of /api/status: where there is a token, this browser has shown it. */
  status({ token }) {
    show(byId("log-out"), token);
  }

  /** Ask for it. */
  open() {
    show(byId("log-out"), false);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#token.focus();
  }

  #draw() {
    this.#title.textContent = t("login.title");
    this.#why.textContent = t("login.why");
    this.#label.textContent = t("login.token");
    this.#button.textContent = t("login.in");
  }

  async #enter() {
    this.#error.textContent = "";
    try {
      await post("/api/login", { token: this.#token.value });
    } catch (error) {
      const { message, hint } = asApiError(error);
      this.#error.textContent = `${message} ${hint}`.trim();
      this.#token.select();
      return;
    }
    this.#token.value = "";
    this.#dialog.close();
    this.#onIn();
  }

  async #leave() {
    await post("/api/logout");
    // The page forgets what it shows, too.
    location.reload();
  }
}
