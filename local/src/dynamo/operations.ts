import { ChangeFeed } from './change-feed.ts';
import { type Engine, isOperation, type Json, keyOf, type Operation } from './engine.ts';
import { Exclusion } from './exclusion.ts';
import { dynamoRefusal, isConditionFailure, unknownOperation } from './refusals.ts';
import { TimeToLive } from './time-to-live.ts';
import { Transactions } from './transactions.ts';
import { UndoJournal } from './undo-journal.ts';

const WRITES: readonly Operation[] = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

/** Every operation of the endpoint: the engine's own and those it lacks. */
export class Operations {
  readonly feed: ChangeFeed;
  readonly #engine: Engine;
  readonly #exclusion = new Exclusion();
  readonly #journal: UndoJournal;
  readonly #timeToLive: TimeToLive;
  readonly #transactions: Transactions;

  constructor(engine: Engine, nowMs: () => number) {
    this.#engine = engine;
    this.feed = new ChangeFeed(engine, nowMs);
    this.#journal = new UndoJournal(engine);
    const { feed } = this;
    this.#timeToLive = new TimeToLive({ engine, feed, exclusion: this.#exclusion, nowMs });
    this.#transactions = new Transactions({ engine, feed, journal: this.#journal, nowMs });
  }

  async open(): Promise<void> {
    await this.#engine.open();
    await this.#journal.recover();
    await this.#timeToLive.load();
  }

  sweep(): Promise<void> {
    return this.#timeToLive.sweep();
  }

  call(name: string, parameters: Json): Promise<Json> {
    switch (name) {
      case 'TransactWriteItems':
        return this.#exclusion.run(true, () => this.#transactions.write(parameters));
      case 'TransactGetItems':
        return this.#exclusion.run(true, () => this.#transactions.get(parameters));
      case 'UpdateTimeToLive':
        return this.#timeToLive.update(parameters);
      case 'DescribeTimeToLive':
        return this.#timeToLive.describe(parameters);
    }
    if (!isOperation(name)) return Promise.reject(unknownOperation());
    if (WRITES.includes(name)) return this.#write(name, parameters);
    if (name === 'DeleteTable') this.#timeToLive.forget(parameters.TableName ?? '');
    return this.#exclusion.run(false, () => this.#run(name, parameters));
  }

  #write(name: Operation, parameters: Json): Promise<Json> {
    const wantsOld = parameters.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    const { feed } = this;
    const alone = feed.isHeard || wantsOld;
    return this.#exclusion.run(alone, async () => {
      const checked = this.#engine.check(name, parameters);
      const before = feed.isHeard ? await feed.before(parameters) : [];
      const result = wantsOld
        ? await this.#runShowingOld(name, checked, parameters)
        : await this.#engine.run(name, checked);
      await feed.after(before);
      return result;
    });
  }

  async #run(name: Operation, parameters: Json): Promise<Json> {
    return this.#engine.run(name, this.#engine.check(name, parameters));
  }

  async #runShowingOld(name: Operation, checked: Json, parameters: Json): Promise<Json> {
    try {
      return await this.#engine.run(name, checked);
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      const table = await this.#engine.table(parameters);
      const key = keyOf(table, parameters.Key ?? parameters.Item ?? {});
      const old = await this.#engine.read(table, key);
      if (!old) throw error;
      throw dynamoRefusal('ConditionalCheckFailedException', 'The conditional request failed', {
        Item: old,
      });
    }
  }
}
