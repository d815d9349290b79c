import { createRequire } from 'node:module';
import { promisify } from 'node:util';

/** One value in DynamoDB's own JSON: `{ "S": "text" }`. */
export interface AttributeValue {
  readonly N?: string;
  readonly [type: string]: unknown;
}
export type Item = Readonly<Record<string, AttributeValue>>;
/** Parameters or result of one operation on the wire; named is what this room looks at. */
export interface Json {
  readonly TableName?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly LastEvaluatedKey?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly ClientRequestToken?: string;
  readonly TimeToLiveSpecification?: { readonly Enabled: boolean; readonly AttributeName: string };
  readonly RequestItems?: Readonly<Record<string, readonly BatchEntry[]>>;
  readonly [name: string]: unknown;
}

export interface BatchEntry {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

export interface Table {
  readonly TableName: string;
  readonly TableStatus: string;
  readonly KeySchema: readonly { readonly AttributeName: string }[];
}

/** What the engine throws for a request that AWS would refuse. */
export interface EngineError extends Error {
  readonly statusCode: number;
  readonly body: { readonly __type: string; readonly [name: string]: unknown };
}

type Callback<T> = (error: unknown, value?: T) => void;

interface SubDb {
  get(key: string, done: Callback<unknown>): void;
  put(key: string, value: unknown, done: Callback<void>): void;
  del(key: string, done: Callback<void>): void;
}

interface Store {
  readonly db: { open(): Promise<void>; close(done: Callback<void>): void };
  readonly tableDb: SubDb;
  getItemDb(name: string): SubDb;
  getTable(name: string, checkStatus: boolean, done: Callback<Table>): void;
}

interface DbModule {
  create(options: Readonly<Record<string, unknown>>): Store;
  createKey(item: Item, table: Table): string;
  checkConditional(data: Json, existing: Item | undefined): EngineError | null | undefined;
  validateItem(item: Item, table: Table): EngineError | null | undefined;
  validateKey(key: Item, table: Table): EngineError | null | undefined;
}

interface ValidationsModule {
  checkTypes(data: Json, types: unknown): Json;
  checkValidations(data: Json, types: unknown, custom: unknown, store: Store): void;
}

type Action = (store: Store, data: Json, done: Callback<Json>) => void;
interface ActionRules {
  readonly types: unknown;
  readonly custom?: unknown;
}

// Dynalite publishes a server, not its parts: they are required by path, which is why its
// version is pinned. The casts below are the wall; nothing else in the project touches it.
const require = createRequire(import.meta.url);
const db = require('dynalite/db') as DbModule;
const validations = require('dynalite/validations') as ValidationsModule;

const OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'ListTagsOfResource',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'UpdateItem',
  'UpdateTable',
] as const;

export type Operation = (typeof OPERATIONS)[number];

export const isOperation = (name: string): name is Operation =>
  (OPERATIONS as readonly string[]).includes(name);

const fileOf = (operation: string): string =>
  operation.charAt(0).toLowerCase() + operation.slice(1);
const ACTIONS = new Map(
  OPERATIONS.map((name) => [
    name,
    {
      act: require(`dynalite/actions/${fileOf(name)}`) as Action,
      rules: require(`dynalite/validations/${fileOf(name)}`) as ActionRules,
    },
  ]),
);

/** No table can be named so: what is kept here is out of every client's sight. */
const META = '~meta';

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && error.name === 'NotFoundError';

/** The single-item engine of dynalite, with promises for callbacks. */
export class Engine {
  readonly #store: Store;

  constructor(path: string | undefined) {
    const immediately = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
    this.#store = db.create(path === undefined ? immediately : { ...immediately, path });
  }

  open(): Promise<void> {
    return this.#store.db.open();
  }

  async close(): Promise<void> {
    await promisify<void>((done) => {
      this.#store.db.close(done);
    })();
  }

  /** Throws what AWS would answer to malformed parameters; the result is for {@link run}. */
  check(operation: Operation, parameters: Json): Json {
    const { types, custom } = actionOf(operation).rules;
    const data = validations.checkTypes(structuredClone(parameters), types);
    validations.checkValidations(data, types, custom, this.#store);
    return data;
  }

  run(operation: Operation, checked: Json): Promise<Json> {
    const { act } = actionOf(operation);
    return promisify<Json>((done) => {
      act(this.#store, checked, done as Callback<Json>);
    })();
  }

  /** Throws what AWS answers where there is no such table. */
  table({ TableName: name = '' }: Json): Promise<Table> {
    return promisify<Table>((done) => {
      this.#store.getTable(name, true, done as Callback<Table>);
    })();
  }

  async read(table: Table, key: Item): Promise<Item | undefined> {
    const found = await this.#get(this.#store.getItemDb(table.TableName), db.createKey(key, table));
    return found as Item | undefined;
  }

  readMeta(name: string): Promise<unknown> {
    return this.#get(this.#store.getItemDb(META), name);
  }

  async writeMeta(name: string, value: unknown): Promise<void> {
    await promisify<void>((done) => {
      this.#store.getItemDb(META).put(name, value, done);
    })();
  }

  async #get(from: SubDb, key: string): Promise<unknown> {
    try {
      return await promisify<unknown>((done) => {
        from.get(key, done);
      })();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function actionOf(operation: Operation): { readonly act: Action; readonly rules: ActionRules } {
  const found = ACTIONS.get(operation);
  if (!found) throw new TypeError(`no action ${operation}`);
  return found;
}

/** Whether the condition of a checked write holds for what is stored. */
export const conditionHolds = (checked: Json, existing: Item | undefined): boolean =>
  !db.checkConditional(checked, existing);

/** Throws if a whole item or a bare key does not fit the table. */
export function checkShape(kind: 'item' | 'key', value: Item, table: Table): void {
  const refused = kind === 'item' ? db.validateItem(value, table) : db.validateKey(value, table);
  if (refused) throw refused;
}

/** Key attributes of an item. */
export const keyOf = (table: Table, item: Item): Item =>
  Object.fromEntries(
    table.KeySchema.flatMap(({ AttributeName: name }) => {
      const value = item[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** One string per item of one table. */
export const identityOf = (table: Table, key: Item): string =>
  `${table.TableName}/${db.createKey(key, table)}`;
