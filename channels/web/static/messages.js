// The list of messages: pure functions, so that order and duplicates are settled in one place.

// `items` in the order shown: {message_id, direction: "in" (customer) | "out", text, at, state, …}.
export function add(items, item) {
  return items.some((known) => sameMessage(known, item)) ? items : [...items, item];
}

export function change(items, id, changes) {
  return items.map((item) => (item.direction === "in" && item.message_id === id ? { ...item, ...changes } : item));
}

export function without(items, id) {
  return items.filter((item) => item.direction !== "in" || item.message_id !== id);
}

// The server's history is the truth for what it covers; what we show beyond it stays: older above, newer below.
export function merge(items, history) {
  const first = items.findIndex((item) => history.some((told) => sameMessage(told, item)));
  const isOurs = (item) => !history.some((told) => sameMessage(told, item));
  const older = first < 0 ? [] : items.slice(0, first);
  const newer = (first < 0 ? items : items.slice(first)).filter(isOurs);
  const known = history.map((told) => {
    const mine = told.direction === "in" && items.find((item) => sameMessage(item, told));
    // The picture we have here needs no download.
    return mine ? { ...told, preview: mine.preview } : told;
  });
  return [...older, ...known, ...newer];
}

export function sameMessage(one, other) {
  return one.direction === other.direction && one.message_id === other.message_id;
}

// A person of ours has read the customer's messages up to this number.
export function markRead(items, seq) {
  return items.map((item) => (item.direction === "in" && item.seq <= seq ? { ...item, state: "read" } : item));
}

// Buttons are offered until the customer says something.
export function openReplies(items) {
  const last = items.findLastIndex((item) => item.direction === "in");
  const latest = items.slice(last + 1).filter((item) => item.quick_replies?.length);
  return latest.flatMap((item) => item.quick_replies);
}

// Consecutive messages of one speaker within five minutes are one group; a new day starts a new one.
export function groups(items) {
  const found = [];
  for (const item of items) {
    const group = found.at(-1);
    const last = group?.items.at(-1);
    const key = item.direction === "in" ? "you" : `${item.speaker}:${item.agent ?? ""}`;
    const at = new Date(item.at);
    const isNewDay = !group || new Date(last.at).toDateString() !== at.toDateString();
    // What was not sent says so under itself.
    const isApart = isNewDay || group.key !== key || last.state === "failed" || at - new Date(last.at) >= 300_000;
    if (isApart) found.push({ key, items: [item], day: isNewDay ? at : null });
    else group.items.push(item);
  }
  return found;
}
