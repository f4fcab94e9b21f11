// Making elements. Text only ever goes in as text, never as HTML.

/**
 * An element with attributes and children.
 *
 * Functions become listeners (`{click: …}`), `true` an empty attribute; what is null, undefined or
 * false is left out, among children too.
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children.filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/** The element of the page with that id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Show or hide an element. */
export function show(shown, visible) {
  shown.hidden = !visible;
}

/** Replace what is in `parent`, and leave the focus where it was: by `data-focus` of what had it. */
export function refill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.dataset.focus;
  parent.replaceChildren(...children.filter(Boolean));
  if (key)
    parent.querySelector(`[data-focus="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
