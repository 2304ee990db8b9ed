// The browser's Back and Forward on a puzzle page.
//
// One entry for each puzzle, scene or show: what is written into the address otherwise (clock, settings, whether it is
// solved) takes the place of the entry that stands. And Streamlit reruns the page when a person goes back,
// but doesn't say that it was that: `went` tells the page, so that it takes the address for a wish.
//
// A run that began before the press would write its own address over the one that the person went to. So
// presses are counted, the page says which of them it has heard, and until then no address is written; where a press
// leaves the page, until the other one stands: neither the left page's own path, which Streamlit writes when a run of
// it begins, nor its parameters on the path of the other.

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
  if ((heard >= count && left === null) || performance.now() - since > PATIENCE) return false;
  if (url == null) return false;
  const there = new URL(url, window.location.href).pathname;
  return there === path || there === left;
}

// Whether a path is that of the page of this name; the first of the pages has none.
function isPathOf(page, pages, path) {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return page === (pages.includes(last) ? last : pages[0]);
}

function install() {
  const history = window.history;
  if (history.trm) return;
  // left: the path of the page that was left; tell: the page that stands hears through it
  history.trm = { count: 0, heard: 0, left: null, since: 0, path: "", bare: false, tell: () => {} };
  const push = history.pushState;
  const replace = history.replaceState;
  history.pushState = (state, title, url) => {
    if (isLate(url)) return undefined;
    const write = url != null && isSameEntry(url) ? replace : push;
    return write.call(history, state, title, url);
  };
  history.replaceState = (state, title, url) => (isLate(url) ? undefined : replace.call(history, state, title, url));
  // Once and for all: while a page draws itself anew, its component isn't there for a moment.
  window.addEventListener("popstate", went, { capture: true });
}

function went(event) {
  const presses = window.history.trm;
  const { pathname, search } = window.location;
  if (pathname !== presses.path) {
    // Another page reads its address itself.
    Object.assign(presses, { path: pathname, left: presses.path, since: performance.now() });
    return;
  }
  if (presses.bare) return;
  if (search.length > 1) {
    presses.count += 1;
    presses.since = performance.now();
    presses.tell({ number: presses.count, said: search.slice(1) });
    return;
  }
  // The bare address this page began with, before there was anything on it. Streamlit was asked first and has begun
  // a run of it: what that writes is late.
  event.stopImmediatePropagation();
  window.history.back();
}

// data.page: the page's own name among data.pages, for a late run of one that was left calls this at another's address;
// data.bare: whether the address without parameters is a place of its own on this page;
// data.heard: the number of the last press that the page has heard of
export default function ({ data, setTriggerValue }) {
  install();
  const path = window.location.pathname;
  if (!isPathOf(data.page, data.pages, path)) return;
  const presses = window.history.trm;
  if (presses.path !== path || presses.left !== null) {
    Object.assign(presses, { path, count: data.heard, left: null });
  }
  presses.heard = data.heard;
  presses.count = Math.max(presses.count, data.heard);
  presses.bare = data.bare;
  presses.tell = (press) => setTriggerValue("went", press);
}
