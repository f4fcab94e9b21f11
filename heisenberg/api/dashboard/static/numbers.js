// Numbers as people read them, in the language of the page.

import { currentLanguage, t } from "./words.js";

/** "0.71 s" */
export function seconds(value, digits = 2) {
  return `${decimal(value, digits)} s`;
}

/** "640 MB", "1.1 GB": of megabytes of 10^6 bytes. */
export function megabytes(value) {
  return value < 1000
    ? `${decimal(value, 0)} ${t("unit.mb")}`
    : `${decimal(value / 1000, 1)} ${t("unit.gb")}`;
}

/** "2 h 14 min": how long something has lasted, without what does not matter at that length. */
export function duration(seconds_) {
  const minutes = Math.floor(seconds_ / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return t("duration.days", { days, hours: hours % 24 });
  if (hours > 0) return t("duration.hours", { hours, minutes: minutes % 60 });
  if (minutes > 0) return t("duration.minutes", { minutes });
  return t("duration.seconds", { seconds: Math.floor(seconds_) });
}

/** "12:05", "1:00:00": what is still left. */
export function countdown(seconds_) {
  const left = Math.ceil(seconds_);
  const parts = [Math.floor((left / 60) % 60), left % 60];
  if (left >= 3600) parts.unshift(Math.floor(left / 3600));
  return parts.map((part, at) => (at ? String(part).padStart(2, "0") : String(part))).join(":");
}

/** "14:03" */
export function timeOfDay(date) {
  return new Intl.DateTimeFormat(currentLanguage(), { hour: "2-digit", minute: "2-digit" }).format(
    date,
  );
}

/** "Mon, Wed and Fri", of days of which Monday is 0. */
export function weekdays(days) {
  const short = new Intl.DateTimeFormat(currentLanguage(), { weekday: "short", timeZone: "UTC" });
  const MONDAY = 5; // the fifth of January 1970
  const names = days.map((day) => short.format(new Date(Date.UTC(1970, 0, MONDAY + day))));
  return new Intl.ListFormat(currentLanguage()).format(names);
}

/** A number with so many digits after the point, or comma. */
export function decimal(value, digits) {
  return new Intl.NumberFormat(currentLanguage(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** "82 %" */
export function percent(share) {
  return new Intl.NumberFormat(currentLanguage(), { style: "percent" }).format(share);
}
