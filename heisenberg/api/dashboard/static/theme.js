// Runs before the page is painted, so that a chosen theme does not flash up as the other one.
try {
  const theme = localStorage.getItem("heisenberg.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // The browser keeps nothing for this page: the system's theme it is.
}
