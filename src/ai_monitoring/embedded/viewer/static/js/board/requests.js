// Questions to the server: a few at a time, and none that nobody waits for.

/** Runs jobs, at most `limit` at once, in the order of their coming. A job whose signal is aborted never starts. */
export class Queue {
  #waiting = [];
  #running = 0;

  constructor(limit) {
    this.limit = limit;
  }

  /** `job` is a function that returns a promise; so does this. Rejects with the signal's reason when aborted. */
  add(job, signal) {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => (signal.aborted ? Promise.reject(signal.reason) : job()).then(resolve, reject));
      this.#next();
    });
  }

  #next() {
    while (this.#running < this.limit && this.#waiting.length) {
      this.#running += 1;
      this.#waiting.shift()().finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }
}

/** The JSON at a path. Throws an Error whose message is the server's own words; whose session ended goes to the login. */
export async function ask(path, signal) {
  const answer = await fetch(path, { signal, headers: { accept: "application/json" } }).catch((error) => {
    throw error.name === "AbortError" ? error : new Error("The viewer does not answer. Is it still running?");
  });
  if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ?? `The viewer answered ${answer.status} ${answer.statusText}.`);
  return body;
}
