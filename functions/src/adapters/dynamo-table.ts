import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Key } from '@isthmus/shared/store/keys';
import type { Clock } from '../ports/clock.ts';

export interface DynamoTableOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
}

type Attributes = Readonly<Record<string, unknown>>;

/** What a schema of zod does here; items are foreign until one has taken them. */
export interface ItemSchema<T> {
  parse(value: unknown): T;
}

export interface Change {
  readonly update: string;
  readonly condition?: string;
  readonly values?: Attributes;
}

export interface Selection {
  readonly index?: string;
  readonly where: string;
  readonly values: Attributes;
  readonly filter?: string;
}

/** The one table, in words of our own: `#name` in an expression is the attribute `name`. */
export class DynamoTable {
  readonly name: string;
  readonly client: DynamoDBDocumentClient;
  readonly #clock: Clock;

  constructor({ client, clock, tableName }: DynamoTableOptions) {
    this.client = client;
    this.name = tableName;
    this.#clock = clock;
  }

  nowS(): number {
    return Math.floor(this.#clock.nowMs() / 1000);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  async get<T>(key: Key, schema: ItemSchema<T>): Promise<T | undefined> {
    const command = new GetCommand({ TableName: this.name, Key: key, ConsistentRead: true });
    const { Item } = await failing('get', this.client.send(command));
    return Item && this.isAlive(Item) ? schema.parse(Item) : undefined;
  }

  /** DynamoDB deletes up to two days late: until then what has expired is not there for us. */
  isAlive(item: Attributes): boolean {
    const { ttl } = item;
    return typeof ttl !== 'number' || ttl > this.nowS();
  }

  async put(key: Key, attributes: Attributes): Promise<void> {
    const command = new PutCommand({ TableName: this.name, Item: { ...attributes, ...key } });
    await failing('put', this.client.send(command));
  }

  /** False: there is such an item, and it has not expired. */
  async putNew(key: Key, attributes: Attributes): Promise<boolean> {
    const condition = 'attribute_not_exists(#pk) OR #ttl <= :now';
    const command = new PutCommand({
      TableName: this.name,
      Item: { ...attributes, ...key },
      ConditionExpression: condition,
      ExpressionAttributeNames: namesIn(condition),
      ExpressionAttributeValues: { ':now': this.nowS() },
    });
    return succeeded('put', this.client.send(command));
  }

  /** False: the condition does not hold. */
  async update(key: Key, change: Change): Promise<boolean> {
    return succeeded('update', this.client.send(this.#updateCommand(key, change)));
  }

  async updated<T>(key: Key, change: Change, schema: ItemSchema<T>): Promise<T> {
    const command = this.#updateCommand(key, change);
    const { Attributes: item } = await failing('update', this.client.send(command));
    return schema.parse(item);
  }

  /** Every item of the selection that has not expired, page after page as it is asked for. */
  async *query<T>(selection: Selection, schema: ItemSchema<T>): AsyncGenerator<T> {
    let from: QueryCommandInput['ExclusiveStartKey'];
    do {
      const page = await this.#page(selection, from);
      for (const item of page.Items ?? []) if (this.isAlive(item)) yield schema.parse(item);
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  }

  async all<T>(selection: Selection, schema: ItemSchema<T>): Promise<readonly T[]> {
    const items: T[] = [];
    for await (const item of this.query(selection, schema)) items.push(item);
    return items;
  }

  #page(
    { filter, index, values, where }: Selection,
    from: QueryCommandInput['ExclusiveStartKey'],
  ): Promise<QueryCommandOutput> {
    const command = new QueryCommand({
      TableName: this.name,
      KeyConditionExpression: where,
      ExpressionAttributeNames: namesIn(where, filter),
      ExpressionAttributeValues: values,
      ...(filter === undefined ? {} : { FilterExpression: filter }),
      ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    return failing('query', this.client.send(command));
  }

  #updateCommand(key: Key, { condition, update, values }: Change): UpdateCommand {
    return new UpdateCommand({
      TableName: this.name,
      Key: key,
      UpdateExpression: update,
      ExpressionAttributeNames: namesIn(update, condition),
      ReturnValues: 'ALL_NEW',
      ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
      ...(condition === undefined ? {} : { ConditionExpression: condition }),
    });
  }
}

/** `#state` stands for the attribute `state`, always: reserved words need not be known. */
export const namesIn = (...expressions: readonly (string | undefined)[]): Record<string, string> =>
  Object.fromEntries(
    expressions
      .flatMap((expression) => expression?.match(/#\w+/g) ?? [])
      .map((name) => [name, name.slice(1)]),
  );

/** Foreign errors end here, as `store.failed`. */
export async function failing<T>(operation: string, sent: Promise<T>): Promise<T> {
  try {
    return await sent;
  } catch (cause) {
    throw new IwfError('store.failed', { operation }, { cause });
  }
}

async function succeeded(operation: string, sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return false;
    throw new IwfError('store.failed', { operation }, { cause });
  }
}
