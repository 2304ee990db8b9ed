// A dial: what each of its places comes to is known ahead, so that it answers while it is dragged; the page
// hears of it when it is let go.
//
//   label, places   its name; of each place its value, words, and a picture's address or ""
//   at              the place that the page knows
//   large           whether its words are for a room
const dials = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".dial");
  let dial = dials.get(root);
  if (!dial) {
    dial = new Dial(root);
    dials.set(root, dial);
  }
  dial.tell = setStateValue;
  dial.take(data);
}

class Dial {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input");
    this.input.addEventListener("input", () => this.show());
    this.input.addEventListener("change", () => this.tell("at", Number(this.input.value)));
  }

  take(data) {
    const { label, places, at, large } = data;
    const held = this.root.contains(this.root.getRootNode().activeElement) && this.data?.at === at;
    this.data = data;
    this.root.style.fontSize = large ? "20px" : "15px";
    this.root.querySelector(".label").textContent = `${label}:`;
    this.input.max = places.length - 1;
    if (!held) this.input.value = at;
    this.show();
  }

  show() {
    const place = this.data.places[Number(this.input.value)];
    this.input.setAttribute("aria-valuetext", place.value);
    this.root.querySelector(".value").textContent = place.value;
    this.root.querySelector(".words").textContent = place.words;
    const picture = this.root.querySelector(".picture");
    const shown = picture.querySelector("img") ?? document.createElement("img");
    shown.alt = "";
    if (place.picture) shown.src = place.picture;
    picture.replaceChildren(...(place.picture ? [shown] : []));
  }
}
