import type { ChangeFeed } from './change-feed.ts';
import { type Engine, type Item, type Json, keyOf, type Table } from './engine.ts';
import type { Exclusion } from './exclusion.ts';
import { validationRefusal } from './refusals.ts';

const META = 'time-to-live';
/** AWS never deletes what seems to have expired more than five years ago. */
const TOO_OLD_S = 5 * 365 * 86_400;

interface Deps {
  readonly engine: Engine;
  readonly feed: ChangeFeed;
  readonly exclusion: Exclusion;
  readonly nowMs: () => number;
}

/** TTL settings of the tables and the sweep that deletes what has expired. */
export class TimeToLive {
  readonly #deps: Deps;
  #attributes = new Map<string, string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async load(): Promise<void> {
    const stored = (await this.#deps.engine.readMeta(META)) ?? {};
    this.#attributes = new Map(Object.entries(stored as Record<string, string>));
  }

  async update(parameters: Json): Promise<Json> {
    const { TableName } = await this.#deps.engine.table(parameters);
    const specification = parameters.TimeToLiveSpecification;
    if (!specification) throw validationRefusal('TimeToLiveSpecification must not be null');
    if (specification.Enabled) this.#attributes.set(TableName, specification.AttributeName);
    else this.#attributes.delete(TableName);
    await this.#deps.engine.writeMeta(META, Object.fromEntries(this.#attributes));
    return { TimeToLiveSpecification: specification };
  }

  async describe(parameters: Json): Promise<Json> {
    const { TableName } = await this.#deps.engine.table(parameters);
    const AttributeName = this.#attributes.get(TableName);
    const description = AttributeName
      ? { TimeToLiveStatus: 'ENABLED', AttributeName }
      : { TimeToLiveStatus: 'DISABLED' };
    return { TimeToLiveDescription: description };
  }

  forget(tableName: string): void {
    this.#attributes.delete(tableName);
  }

  async sweep(): Promise<void> {
    const nowS = Math.floor(this.#deps.nowMs() / 1000);
    for (const [tableName, attribute] of this.#attributes) {
      const table = await this.#deps.engine.table({ TableName: tableName });
      for (const item of await this.#expired(tableName, attribute, nowS)) {
        await this.#delete({ table, key: keyOf(table, item), attribute, nowS });
      }
    }
  }

  async #expired(tableName: string, attribute: string, nowS: number): Promise<readonly Item[]> {
    const { engine } = this.#deps;
    const found: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await engine.run(
        'Scan',
        engine.check('Scan', {
          TableName: tableName,
          FilterExpression: '#ttl BETWEEN :oldest AND :newest',
          ExpressionAttributeNames: { '#ttl': attribute },
          ExpressionAttributeValues: {
            ':oldest': { N: String(nowS - TOO_OLD_S) },
            ':newest': { N: String(nowS - 1) },
          },
          ...(start !== undefined && { ExclusiveStartKey: start }),
        }),
      );
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  }

  /** Looks again before it deletes: the item may have been renewed since the scan. */
  #delete(expired: {
    readonly table: Table;
    readonly key: Item;
    readonly attribute: string;
    readonly nowS: number;
  }): Promise<void> {
    const { engine, exclusion, feed } = this.#deps;
    const { table, key, attribute, nowS } = expired;
    return exclusion.run(true, async () => {
      const old = await engine.read(table, key);
      if (!old || !(Number(old[attribute]?.N) < nowS)) return;
      await engine.run('DeleteItem', { TableName: table.TableName, Key: key });
      await feed.after([{ table, key, old }], 'ttl');
    });
  }
}
