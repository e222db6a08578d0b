// One time under the pointer, shown by every chart of the page.

const followers = new Map();

/** `follow(time)` is called whenever a chart points at a time, with null when it no longer does. One per `owner`. */
export function onCrosshair(owner, follow) {
  followers.set(owner, follow);
}

export function forgetCrosshair(owner) {
  followers.delete(owner);
}

export function pointAt(time) {
  for (const follow of followers.values()) follow(time);
}
