// A button that works held down, and tapped: by pointer, by the space bar, by assistive technology.

const TAP_MS = 400;

/**
 * Call `begin()` when `button` is pressed, and `end()` when it is let go.
 *
 * A press shorter than a tap leaves it on, and the next one calls `end()`. `isOn()` tells whether
 * it is on now; it may have ended by itself.
 */
export function holdOrTap(button, { isOn, begin, end }) {
  let downAt = null;

  function down(now) {
    if (isOn()) {
      downAt = null;
      end();
    } else {
      downAt = now;
      begin();
    }
  }

  function up(now) {
    if (downAt === null) return;
    const held = now - downAt >= TAP_MS;
    downAt = null;
    if (held && isOn()) end();
  }

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    down(event.timeStamp);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    button.addEventListener(name, (event) => up(event.timeStamp));
  }
  button.addEventListener("keydown", (event) => {
    if (!isPressing(event)) return;
    event.preventDefault();
    if (!event.repeat) down(event.timeStamp);
  });
  button.addEventListener("keyup", (event) => {
    if (!isPressing(event)) return;
    event.preventDefault();
    up(event.timeStamp);
  });
  button.addEventListener("blur", (event) => up(event.timeStamp));
  // A click that no pointer or key of ours has made: a screen reader, a switch, a voice.
  button.addEventListener("click", (event) => {
    if (event.detail === 0) down(event.timeStamp);
    downAt = null;
  });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}

function isPressing(event) {
  return event.key === " " || event.key === "Enter";
}
