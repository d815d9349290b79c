import type { Before } from './change-feed.ts';
import type { Engine } from './engine.ts';

const UNDO = 'undo';

/** What a transaction overwrites, on disk before it does: a killed process leaves no half of one. */
export class UndoJournal {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  begin(writes: readonly Before[]): Promise<void> {
    return this.#engine.writeMeta(UNDO, writes);
  }

  end(): Promise<void> {
    return this.#engine.writeMeta(UNDO, []);
  }

  /** Puts every item back to where it stood when the unfinished transaction began. */
  async recover(): Promise<void> {
    await this.restore(((await this.#engine.readMeta(UNDO)) ?? []) as readonly Before[]);
    await this.end();
  }

  async restore(writes: readonly Before[]): Promise<void> {
    for (const { table, key, old } of writes) {
      const { TableName } = table;
      if (old) await this.#engine.run('PutItem', { TableName, Item: old });
      else await this.#engine.run('DeleteItem', { TableName, Key: key });
    }
  }
}
