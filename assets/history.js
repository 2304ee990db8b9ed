// The browser's Back and Forward on a puzzle page.
//
// One entry for each puzzle, scene or show: what is written into the address otherwise (clock, settings, whether it is
// solved) takes the place of the entry that stands. And Streamlit reruns the page when a person goes back,
// but doesn't say that it was that: `went` tells the page, so that it takes the address for a wish.

const ENTRY = ["size", "puzzle", "scene", "demo"]; // parameters whose change is worth an entry

function isSameEntry(url) {
  const there = new URL(url, window.location.href);
  if (there.pathname !== window.location.pathname) return false;
  const now = new URLSearchParams(window.location.search);
  // A page that has only just opened puts its address in the place of its bare one.
  if (![...now.keys()].length) return !there.searchParams.has("demo");
  return ENTRY.every((name) => now.get(name) === there.searchParams.get(name));
}

function install() {
  const history = window.history;
  if (history.trm) return;
  history.trm = true;
  const push = history.pushState;
  history.pushState = function (state, title, url) {
    const write = url != null && isSameEntry(url) ? history.replaceState : push;
    return write.call(history, state, title, url);
  };
}

// data.bare: whether the address without parameters is a place of its own on this page
export default function ({ data, setTriggerValue }) {
  install();
  const path = window.location.pathname;
  const went = (event) => {
    if (window.location.pathname !== path) return; // another page reads its address itself
    if (data.bare) return;
    if (window.location.search.length > 1) {
      setTriggerValue("went", window.location.search.slice(1));
      return;
    }
    // The bare address this page began with, before there was anything on it.
    event.stopImmediatePropagation();
    window.history.back();
  };
  window.addEventListener("popstate", went, { capture: true }); // before Streamlit's own
  return () => window.removeEventListener("popstate", went, { capture: true });
}
