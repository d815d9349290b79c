import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { checkShape, type Engine, type Item, type Json, keyOf, type Table } from './engine.ts';

/** One record of a DynamoDB stream, as a stream Lambda would get it. */
export interface ChangeRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly dynamodb: {
    readonly Keys: Item;
    readonly OldImage?: Item;
    readonly NewImage?: Item;
    readonly ApproximateCreationDateTime: number;
  };
  /** Present on what TTL deleted, so that a listener can tell it from a delete of its own. */
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: string };
}

export type ChangeListener = (tableName: string, record: ChangeRecord) => void;

/** Where an item stood before a write. */
export interface Before {
  readonly table: Table;
  readonly key: Item;
  readonly old: Item | undefined;
}

const BY_TTL = {
  userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
} as const;

export class ChangeFeed {
  readonly #engine: Engine;
  readonly #nowMs: () => number;
  readonly #listeners = new Set<ChangeListener>();

  constructor(engine: Engine, nowMs: () => number) {
    this.#engine = engine;
    this.#nowMs = nowMs;
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The items a write is about to touch, read while nobody else writes. */
  async before(parameters: Json): Promise<readonly Before[]> {
    return Promise.all(
      touched(parameters).map(async ({ tableName, kind, item }) => {
        const table = await this.#engine.table({ TableName: tableName });
        checkShape(kind, item, table);
        const key = keyOf(table, item);
        return { table, key, old: await this.#engine.read(table, key) };
      }),
    );
  }

  async after(writes: readonly Before[], cause: 'client' | 'ttl' = 'client'): Promise<void> {
    for (const { table, key, old } of writes) {
      const now = await this.#engine.read(table, key);
      if (isDeepStrictEqual(old, now)) continue;
      const record: ChangeRecord = {
        eventID: randomUUID(),
        eventName: nameOf(old, now),
        dynamodb: {
          Keys: key,
          ...(old && { OldImage: old }),
          ...(now && { NewImage: now }),
          ApproximateCreationDateTime: this.#nowMs() / 1000,
        },
        ...(cause === 'ttl' && BY_TTL),
      };
      for (const listener of this.#listeners) listener(table.TableName, record);
    }
  }
}

function nameOf(old: Item | undefined, now: Item | undefined): ChangeRecord['eventName'] {
  if (!old) return 'INSERT';
  return now ? 'MODIFY' : 'REMOVE';
}

interface Touched {
  readonly tableName: string;
  readonly kind: 'item' | 'key';
  readonly item: Item;
}

/** Table and item (or key) of each write. */
function touched({ TableName = '', Key, Item, RequestItems }: Json): readonly Touched[] {
  if (Key) return [{ tableName: TableName, kind: 'key', item: Key }];
  if (Item) return [{ tableName: TableName, kind: 'item', item: Item }];
  return Object.entries(RequestItems ?? {}).flatMap(([tableName, entries]) =>
    entries.flatMap(({ PutRequest, DeleteRequest }) => {
      if (PutRequest) return { tableName, kind: 'item' as const, item: PutRequest.Item };
      return DeleteRequest ? { tableName, kind: 'key' as const, item: DeleteRequest.Key } : [];
    }),
  );
}
