// What a chart knows of itself, in plotly's private fields: all that is read of them stands here, before the script
// that uses it.

// Moments of a chart's animation; none while it is being taken away, or drawn anew: a frame shown in the midst of that
// fails inside plotly, where nobody can catch it.
export function framesOf(chart) {
  return chart?._fullLayout?._zindices ? (chart._transitionData?._frames ?? []) : [];
}

// Show one of its frames, at once. Plotly leaves a loop behind that asks at every frame of the screen what comes next;
// if Streamlit gives the chart a new figure and takes it away before that loop has looked, nothing ends it any more.
export function showFrame(chart, name, redraw) {
  const still = { transition: { duration: 0 }, mode: "immediate", frame: { duration: 0, redraw } };
  window.Plotly.animate(chart, [name], still).catch(() => {});
  const loop = chart._transitionData;
  cancelAnimationFrame(loop._animationRaf);
  loop._animationRaf = null;
}

// Width and height it is drawn in, in pixels; nothing before it is drawn.
export function sizeOf(chart) {
  const layout = chart?._fullLayout;
  return layout && { width: layout.width, height: layout.height };
}

// Length of one of its axes in pixels; 0 before it is drawn.
export function lengthOf(chart, axis) {
  return chart?._fullLayout?.[axis]?._length ?? 0;
}

// Where an axis begins, in pixels from the chart's corner.
export function startOf(chart, axis) {
  return chart._fullLayout[axis]._offset;
}

// Value on one of its axes at a place of the window.
export function valueAt(chart, axis, place) {
  const corner = chart.getBoundingClientRect();
  const from = axis[0] === "x" ? corner.left : corner.top;
  return chart._fullLayout[axis].p2d(place - from - startOf(chart, axis));
}
