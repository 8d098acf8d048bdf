// What the studio has told of every identity, kept up to date by its events.

/** Tells "change" at most once a frame, with the ids that changed, and "online" when the connection comes or goes. */
export class Store extends EventTarget {
  avatars = new Map();
  online = false;
  #changed = new Set();
  #scheduled = false;

  connect() {
    const events = new EventSource('/api/events');
    events.addEventListener('hello', (event) => {
      if (JSON.parse(event.data).anew) {
        this.avatars.clear();
        this.#tell('');
      }
      this.#setOnline(true);
    });
    events.addEventListener('avatars', (event) => this.#take(JSON.parse(event.data)));
    events.addEventListener('error', () => {
      this.#setOnline(false);
      // A browser gives up for good when it was refused; the studio may be started again.
      if (events.readyState === EventSource.CLOSED) setTimeout(() => this.connect(), 3000);
    });
  }

  #take({ avatars, oldest, forgotten = [] }) {
    for (const id of forgotten) {
      if (this.avatars.delete(id)) this.#tell(id);
    }
    for (const avatar of avatars) {
      this.avatars.set(avatar.id, avatar);
      this.#tell(avatar.id);
    }
    if (avatars.length > 0) this.#forgetBefore(oldest);
  }

  #forgetBefore(oldest) {
    for (const [id, avatar] of this.avatars) {
      if (avatar.revision < oldest) {
        this.avatars.delete(id);
        this.#tell(id);
      }
    }
  }

  #tell(id) {
    this.#changed.add(id);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Pages in the background get no frames; a timer keeps them from piling up changes.
    const run = () => {
      this.#scheduled = false;
      const changed = this.#changed;
      this.#changed = new Set();
      this.dispatchEvent(new CustomEvent('change', { detail: changed }));
    };
    if (document.hidden) setTimeout(run, 1000);
    else requestAnimationFrame(run);
  }

  #setOnline(online) {
    if (this.online === online) return;
    this.online = online;
    this.dispatchEvent(new Event('online'));
  }
}
