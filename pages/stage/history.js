// The browser's Back and Forward on a puzzle page.
//
// One entry for each puzzle, scene or show: what is written into the address otherwise (clock, settings, whether it is
// solved) takes the place of the entry that stands. And Streamlit reruns the page when a person goes back,
// but doesn't say that it was that: `went` tells the page, so that it takes the address for a wish.
//
// A run that began before the press would write its own address over the one that the person went to. So
// presses are counted, the page says which of them it has heard, and until then no address is written; where a press
// leaves the page, until the other one stands.

const ENTRY = ["size", "puzzle", "scene", "demo", "set", "slice", "row"]; // parameters whose change is worth an entry
const PATIENCE = 20_000; // ms that a press may go unheard

function isSameEntry(url) {
  const there = new URL(url, window.location.href);
  if (there.pathname !== window.location.pathname) return false;
  const now = new URLSearchParams(window.location.search);
  // A page that has only just opened puts its address in the place of its bare one.
  if (![...now.keys()].length) return !there.searchParams.has("demo");
  return ENTRY.every((name) => now.get(name) === there.searchParams.get(name));
}

function isLate(url) {
  const { count, heard, left, since, path } = window.history.trm;
  if ((heard >= count && !left) || performance.now() - since > PATIENCE) return false;
  return url != null && new URL(url, window.location.href).pathname === path;
}

function install() {
  const history = window.history;
  if (history.trm) return;
  history.trm = { count: 0, heard: 0, left: false, since: 0, path: "" };
  const push = history.pushState;
  const replace = history.replaceState;
  history.pushState = (state, title, url) => {
    if (isLate(url)) return undefined;
    const write = url != null && isSameEntry(url) ? replace : push;
    return write.call(history, state, title, url);
  };
  history.replaceState = (state, title, url) => (isLate(url) ? undefined : replace.call(history, state, title, url));
}

// data.bare: whether the address without parameters is a place of its own on this page;
// data.heard: the number of the last press that the page has heard of
export default function ({ data, parentElement, setTriggerValue }) {
  install();
  // The page that it belongs to: a late run of one that was left calls this once more, at another page's address.
  parentElement.trmPath ??= window.location.pathname;
  const path = parentElement.trmPath;
  if (path !== window.location.pathname) return undefined;
  const presses = window.history.trm;
  if (presses.path !== path || presses.left) Object.assign(presses, { path, count: data.heard, left: false });
  presses.heard = data.heard;
  presses.count = Math.max(presses.count, data.heard);
  const went = (event) => {
    if (window.location.pathname !== path) {
      // Another page reads its address itself.
      Object.assign(presses, { path: window.location.pathname, left: true, since: performance.now() });
      return;
    }
    if (data.bare) return;
    if (window.location.search.length > 1) {
      presses.count += 1;
      presses.since = performance.now();
      setTriggerValue("went", { number: presses.count, said: window.location.search.slice(1) });
      return;
    }
    // The bare address this page began with, before there was anything on it.
    event.stopImmediatePropagation();
    window.history.back();
  };
  window.addEventListener("popstate", went, { capture: true }); // before Streamlit's own
  return () => window.removeEventListener("popstate", went, { capture: true });
}
