import type { ClientPush } from '../../media-node/src/ports/client-push.ts';

/** The way to the browsers, without any: what was posted is kept for each connection. */
export class MemoryClientPush implements ClientPush {
  readonly #posted = new Map<string, string[]>();
  readonly #waiting = new Map<string, (json: string) => void>();

  open(connection: string): void {
    this.#posted.set(connection, []);
  }

  hangUp(connection: string): void {
    this.#posted.delete(connection);
  }

  posted(connection: string): readonly string[] {
    return this.#posted.get(connection) ?? [];
  }

  /** The next post to a connection. */
  next(connection: string): Promise<string> {
    return new Promise((resolve) => this.#waiting.set(connection, resolve));
  }

  post(connection: string, json: string): Promise<'delivered' | 'gone'> {
    const kept = this.#posted.get(connection);
    if (!kept) return Promise.resolve('gone');
    kept.push(json);
    this.#waiting.get(connection)?.(json);
    this.#waiting.delete(connection);
    return Promise.resolve('delivered');
  }

  probe(connection: string): Promise<'alive' | 'gone'> {
    return Promise.resolve(this.#posted.has(connection) ? 'alive' : 'gone');
  }
}
