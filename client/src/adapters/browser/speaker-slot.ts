/** Whatever plays; not every browser can say where. */
export interface Player {
  setSinkId?(id: string): Promise<void>;
}

/** Where the page is heard, whoever plays. */
export class SpeakerSlot {
  readonly #players = new Set<Player>();
  #id: string | undefined;

  get id(): string | undefined {
    return this.#id;
  }

  /** From now on; the returned function ends it. */
  drive(player: Player): () => void {
    this.#players.add(player);
    if (this.#id !== undefined) player.setSinkId?.(this.#id).catch(() => undefined);
    return () => this.#players.delete(player);
  }

  async choose(id: string | undefined): Promise<void> {
    const before = this.#id;
    this.#id = id;
    try {
      await this.#move(id);
    } catch (cause) {
      this.#id = before;
      await this.#move(before).catch(() => undefined);
      throw cause;
    }
  }

  /** An empty id is that of the system. */
  async #move(id = ''): Promise<void> {
    await Promise.all(
      [...this.#players].map((player) => player.setSinkId?.(id) ?? Promise.resolve()),
    );
  }
}
