import { isDeepStrictEqual } from 'node:util';
import type { Before, ChangeFeed } from './change-feed.ts';
import {
  checkShape,
  conditionHolds,
  type Engine,
  type Item,
  identityOf,
  type Json,
  keyOf,
  type Operation,
} from './engine.ts';
import { dynamoRefusal, validationRefusal } from './refusals.ts';
import type { UndoJournal } from './undo-journal.ts';

const MAX_ACTIONS = 100;
const TOKEN_LIFE_MS = 600_000;

// A ConditionCheck takes the same key and condition as a DeleteItem and does not delete.
const OPERATION_OF: Readonly<Record<string, Operation>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
};

type Action = Readonly<Record<string, Json>> & { readonly Get?: Json };

interface Step extends Before {
  readonly kind: string;
  readonly operation: Operation;
  readonly parameters: Json;
  readonly checked: Json;
}

interface Reason {
  readonly Code: 'None' | 'ConditionalCheckFailed' | 'ValidationError';
  readonly Message?: string;
  readonly Item?: Item;
}

interface Deps {
  readonly engine: Engine;
  readonly feed: ChangeFeed;
  readonly journal: UndoJournal;
  readonly nowMs: () => number;
}

/** TransactWriteItems and TransactGetItems; the caller lets nobody else write meanwhile. */
export class Transactions {
  readonly #deps: Deps;
  readonly #tokens = new Map<string, { readonly actions: unknown; readonly endsMs: number }>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async get(parameters: Json): Promise<Json> {
    const responses = actionsOf(parameters).map(async ({ Get = {} }) => {
      const { engine } = this.#deps;
      const found = await engine.run('GetItem', engine.check('GetItem', Get));
      return found.Item ? { Item: found.Item } : {};
    });
    return { Responses: await Promise.all(responses) };
  }

  async write(parameters: Json): Promise<Json> {
    const actions = actionsOf(parameters);
    const token = parameters.ClientRequestToken;
    if (token !== undefined && this.#isReplay(token, actions)) return {};
    const steps = await this.#plan(actions);
    const reasons = steps.map(reasonOf);
    if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
    await this.#apply(
      steps.filter(({ kind }) => kind !== 'ConditionCheck'),
      reasons,
      steps,
    );
    if (token !== undefined) {
      this.#tokens.set(token, { actions, endsMs: this.#deps.nowMs() + TOKEN_LIFE_MS });
    }
    return {};
  }

  #isReplay(token: string, actions: unknown): boolean {
    const nowMs = this.#deps.nowMs();
    for (const [known, { endsMs }] of this.#tokens) if (endsMs < nowMs) this.#tokens.delete(known);
    const earlier = this.#tokens.get(token);
    if (!earlier) return false;
    if (isDeepStrictEqual(earlier.actions, actions)) return true;
    throw dynamoRefusal('IdempotentParameterMismatchException', 'The token has other parameters');
  }

  async #plan(actions: readonly Action[]): Promise<readonly Step[]> {
    const steps = await Promise.all(actions.map((action) => this.#stepOf(action)));
    const items = new Set(steps.map(({ table, key }) => identityOf(table, key)));
    if (items.size < steps.length) {
      throw validationRefusal('Transaction request cannot include multiple operations on one item');
    }
    return steps;
  }

  async #stepOf(action: Action): Promise<Step> {
    const { engine } = this.#deps;
    const [kind = '', parameters = {}] = Object.entries(action)[0] ?? [];
    const operation = OPERATION_OF[kind];
    if (!operation) throw validationRefusal('TransactItems can only contain one action each');
    const checked = engine.check(operation, parameters);
    const table = await engine.table(parameters);
    const item = parameters.Key ?? parameters.Item ?? {};
    checkShape(kind === 'Put' ? 'item' : 'key', item, table);
    const key = keyOf(table, item);
    const old = await engine.read(table, key);
    return { kind, operation, parameters, checked, table, key, old };
  }

  async #apply(
    writes: readonly Step[],
    reasons: readonly Reason[],
    all: readonly Step[],
  ): Promise<void> {
    const { engine, feed, journal } = this.#deps;
    const before = writes.map(({ table, key, old }) => ({ table, key, old }));
    await journal.begin(before);
    for (const [done, step] of writes.entries()) {
      try {
        await engine.run(step.operation, step.checked);
      } catch (error) {
        await journal.restore(before.slice(0, done));
        await journal.end();
        const failed: Reason = { Code: 'ValidationError', Message: String(error) };
        throw cancelled(reasons.with(all.indexOf(step), failed));
      }
    }
    await journal.end();
    if (feed.isHeard) await feed.after(before);
  }
}

function actionsOf(parameters: Json): readonly Action[] {
  const { TransactItems: actions } = parameters;
  if (Array.isArray(actions) && actions.length > 0 && actions.length <= MAX_ACTIONS) {
    return actions as readonly Action[];
  }
  throw validationRefusal(
    "Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and 100",
  );
}

function reasonOf({ checked, parameters, old }: Step): Reason {
  if (conditionHolds(checked, old)) return { Code: 'None' };
  const wantsItem = parameters.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  return {
    Code: 'ConditionalCheckFailed',
    Message: 'The conditional request failed',
    ...(wantsItem && old && { Item: old }),
  };
}

const cancelled = (reasons: readonly Reason[]): Error => {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return dynamoRefusal(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
};
