// What a chart knows of itself, in plotly's private fields: all that is read of them stands here, before the script
// that uses it.

// Moments of a chart's animation; none while it is being taken away.
export function framesOf(chart) {
  return chart?._transitionData?._frames ?? [];
}

// Show one of its frames, at once. Not by `Plotly.animate`: that draws in several turns of the event loop, fails where
// nobody can catch it if Streamlit gives the chart a new figure between two of them, and leaves a loop behind that
// nothing ends once the chart is gone.
export function showFrame(chart, frame) {
  for (const [i, trace] of frame.traces.entries()) merge(chart.data[trace], frame.data[i]);
  unheard(chart);
  window.Plotly.redraw(chart).catch(() => {});
}

// Change attributes of some of its layers.
export function restyle(chart, values, layers) {
  unheard(chart);
  window.Plotly.restyle(chart, values, layers).catch(() => {});
}

// Streamlit hears of what is changed in a chart and gives it its figure again: what we change ourselves it must not hear,
// or the two answer each other without end.
function unheard(chart) {
  for (const event of ["plotly_redraw", "plotly_restyle"]) chart.removeAllListeners?.(event);
}

// What a frame says of a trace replaces what stood there; what it doesn't name stays.
function merge(old, changes) {
  for (const [name, value] of Object.entries(changes)) {
    if (isGroup(value) && isGroup(old[name])) merge(old[name], value);
    else old[name] = value;
  }
}

// Attributes of attributes, not numbers: plotly packs an array of those into an object with a `bdata`.
function isGroup(value) {
  return Object.prototype.toString.call(value) === "[object Object]" && !("bdata" in value);
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
